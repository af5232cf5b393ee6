-- script: what becomes of each line: why it can't be used, or that its contact is new, changed or the same; n is the order of
-- writing.
analyze pg_temp.import_line;
create temp table import_row as
with owned as (
    select l.line, l.given, coalesce(by_id.id, by_name.id) as owner_id, l.id, l.username, l.name, l.email, l.phone
      from pg_temp.import_line l
           left join directory.person by_id on by_id.id = l.owner_id
           left join directory.person by_name on by_name.username = l.owner
), met as (
    select *, min(line) over (partition by owner_id, id) as first
      from owned
)
select m.line, m.given, m.owner_id, m.id, m.username, m.name, m.email, m.phone, row_number() over (order by m.owner_id, m.id) as n,
       case
           when m.owner_id is null then 'there is no such owner'
           when m.first < m.line then 'its id is that of line ' || m.first || ' already'
       end as reason,
       case
           when c.id is null then 'new'
           when m.given & 8 <> 0 and m.username is distinct from c.username or m.given & 32 <> 0 and m.name is distinct from c.name
                or m.given & 64 <> 0 and m.email is distinct from c.email or m.given & 128 <> 0 and m.phone is distinct from c.phone
               then 'changed'
           else 'same'
       end as state
  from met m
       left join directory.person_contact c on c.owner_id = m.owner_id and c.id = m.id;
drop table pg_temp.import_line;
create index on pg_temp.import_row (n);
analyze pg_temp.import_row;
