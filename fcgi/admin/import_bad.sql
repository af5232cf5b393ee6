-- read: the first lines that can't be used, for a reason that only the database knows.
--
-- $1 how many
--
-- A row for each: line, reason.
select line, reason from pg_temp.import_row where reason is not null order by line limit $1::bigint;
