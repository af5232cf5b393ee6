-- script: what becomes of each line: why it can't be used, or that its person is new, changed or the same; n is the order of
-- writing.  A password hash can't be read: the credential, which is a digest of it, tells whether it is another one (rehashes).
analyze pg_temp.import_line;
create temp table import_row as
with known as (
    select l.line, l.given, coalesce(l.id, holder.id) as id, l.id is not null as numbered, l.username, l.password_hash, l.name,
           l.email, l.active, holder.id as holder
      from pg_temp.import_line l
           left join directory.person holder on holder.username = l.username
), met as (
    select *, min(line) over (partition by id) as first_by_id, min(line) over (partition by username) as first_by_name
      from known
), compared as (
    select m.*, p.id is null as new,
           coalesce(m.given & 16 <> 0
                    and left(encode(sha256(convert_to(m.password_hash, 'UTF8')), 'hex'), 32) is distinct from a.credential, false)
               as rehashes,
           m.given & 8 <> 0 and m.username is distinct from p.username or m.given & 32 <> 0 and m.name is distinct from p.name
           or m.given & 64 <> 0 and m.email is distinct from p.email
           or m.given & 256 <> 0 and m.active is distinct from p.active as differs
      from met m
           left join directory.person p on p.id = m.id
           left join directory.account a on a.id = m.id
)
select line, given, id, numbered, username, password_hash, name, email, active, row_number() over (order by id, line) as n,
       case
           when username is not null and first_by_name < line then 'its username is that of line ' || first_by_name || ' already'
           when id is not null and first_by_id < line then 'its id is that of line ' || first_by_id || ' already'
           when holder is not null and holder <> id then 'another person has that username'
           when new and username is null then 'nobody has that id, and a new person needs a username'
       end as reason,
       case when new then 'new' when differs or rehashes then 'changed' else 'same' end as state, rehashes
  from compared;
drop table pg_temp.import_line;
create index on pg_temp.import_row (n);
analyze pg_temp.import_row;
