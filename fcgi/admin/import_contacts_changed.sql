-- write: changes those contacts of a part of the file that are others now; what a line does not name stays.
--
-- $1 the part begins after n, $2 and ends with it
--
-- One row: written; fewer where somebody else removed some meanwhile.
with changed as (
    update directory.person_contact c
       set username = case when r.given & 8 <> 0 then r.username else c.username end,
           name = case when r.given & 32 <> 0 then r.name else c.name end,
           email = case when r.given & 64 <> 0 then r.email else c.email end,
           phone = case when r.given & 128 <> 0 then r.phone else c.phone end
      from pg_temp.import_row r
     where r.n > $1::bigint and r.n <= $2::bigint and r.reason is null and r.state = 'changed'
       and c.owner_id = r.owner_id and c.id = r.id
    returning 1
)
select count(*) as written from changed;
