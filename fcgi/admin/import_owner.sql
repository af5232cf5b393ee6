-- read: whose contacts are meant: a person's user name, else id.
--
-- $1 either
--
-- A row if there is that person: id.
select id::text as id from directory.person where username = $1::text or id::text = $1::text order by username <> $1::text limit 1;
