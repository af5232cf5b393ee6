-- read: is each person one, and can be told from the others?  It needs the rights of the owner.
--
-- $1 accounts to look at, at most
--
-- One row: accounts, active (of them), ids_null, ids_twice, ids_of_machines (that begin as a machine's subject does), names_null (of
-- active ones), names_twice, emails_shared (addresses of several active accounts), credentials_null and credentials (different ones) of
-- active accounts with a password, with_password (those accounts).
with person as materialized (
    select id, username, active, email, credential, password_hash is not null as has_password
      from directory.account
     limit $1::integer
)
select count(*) as accounts, count(*) filter (where active) as active,
       count(*) filter (where id is null) as ids_null,
       (select count(*) from (select from person where id is not null group by id having count(*) > 1) t) as ids_twice,
       count(*) filter (where id::text like 'client:%') as ids_of_machines,
       count(*) filter (where active and username is null) as names_null,
       (select count(*) from (select from person where username is not null group by username having count(*) > 1) t) as names_twice,
       (select count(*) from (select from person where active and email <> '' group by email having count(*) > 1) t) as emails_shared,
       count(*) filter (where active and has_password and credential is null) as credentials_null,
       count(distinct credential) filter (where active and has_password) as credentials,
       count(*) filter (where active and has_password) as with_password
  from person;
