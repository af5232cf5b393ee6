-- read: has this user the rights of the schema's owner?
--
-- No parameter.  One row: owner, may.
select pg_get_userbyid(nspowner) as owner, pg_has_role(nspowner, 'usage') as may
  from pg_namespace
 where nspname = 'oauth';
