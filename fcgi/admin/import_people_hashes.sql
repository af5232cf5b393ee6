-- write: changes the password hashes of a part of the file that are others now; sessions and tokens of these people end.
--
-- $1 the part begins after n, $2 and ends with it
--
-- One row: written, of those that import_people_changed.sql counts.
with changed as (
    update directory.person p
       set password_hash = r.password_hash
      from pg_temp.import_row r
     where r.n > $1::bigint and r.n <= $2::bigint and r.reason is null and r.state = 'changed' and r.rehashes and p.id = r.id
    returning 1
)
select count(*) as written from changed;
