-- write: makes those people of a part of the file that are new and have an id.
--
-- $1 the part begins after n, $2 and ends with it
--
-- One row: written; fewer where somebody else made some meanwhile.
with made as (
    insert into directory.person (id, username, password_hash, name, email, active)
    select id, username, password_hash, name, email, coalesce(active, true)
      from pg_temp.import_row
     where n > $1::bigint and n <= $2::bigint and reason is null and state = 'new' and numbered
     order by n
    on conflict do nothing
    returning 1
)
select count(*) as written from made;
