-- read: who has a user name, as a sign-in asks.  It needs the rights of the owner, or of the role authorize.
--
-- $1 user name
--
-- A row for each account that has it: id, credential, active, password_hash.
select id, credential, active, password_hash
  from directory.account
 where username = $1::text
 limit 1;
