-- read: the rings.
--
-- No parameter.  A row for each: name.
select name from oauth.ring order by name;
