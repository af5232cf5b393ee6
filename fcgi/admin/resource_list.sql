-- read: the resources, and how many clients may have tokens for each.
--
-- No parameter.  A row for each: resource, uri (null: a setting), clients.
select r.resource, r.uri, (select count(*) from oauth.client c where r.resource = any (c.resources)) as clients
  from oauth.resource r
 order by r.uri nulls first, r.resource desc;
