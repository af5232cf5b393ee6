-- read: the people of the shipped directory; a password hash can't be read.
--
-- No parameter.  A row for each: id, username, name, email, active.
select id, username, name, email, active from directory.person order by id;
