-- write: makes those contacts of a part of the file that are new.
--
-- $1 the part begins after n, $2 and ends with it
--
-- One row: written; fewer where somebody else made some meanwhile.
with made as (
    insert into directory.person_contact (owner_id, id, username, name, email, phone)
    select owner_id, id, username, name, email, phone
      from pg_temp.import_row
     where n > $1::bigint and n <= $2::bigint and reason is null and state = 'new'
     order by n
    on conflict (owner_id, id) do nothing
    returning 1
)
select count(*) as written from made;
