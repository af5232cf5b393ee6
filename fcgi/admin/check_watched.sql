-- read: does a table tell the log of changes and the words of contacts what happens to it?
--
-- $1 the table's oid
--
-- One row: watched (a trigger of directory.watch_contacts is on it), inserts, updates, deletes, truncates (they see these), strangers (what
-- they take for columns and is none, null: none), owner, id, username, name, email (the columns that they read, '' where there is none).
with watch as (
    select t.tgtype, string_to_array(encode(t.tgargs, 'escape'), '\000') as columns
      from pg_trigger t
           join pg_proc p on p.oid = t.tgfoid and p.proname = 'contact_changed'
           join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'directory'
     where t.tgrelid = $1::oid and t.tgenabled in ('O', 'A')
), read as (
    select columns from watch limit 1
)
select exists (select from watch) as watched,
       coalesce((select bool_or(tgtype & 4 <> 0) from watch), false) as inserts,
       coalesce((select bool_or(tgtype & 16 <> 0) from watch), false) as updates,
       coalesce((select bool_or(tgtype & 8 <> 0) from watch), false) as deletes,
       coalesce((select bool_or(tgtype & 32 <> 0) from watch), false) as truncates,
       (select string_agg(distinct c.name, ', ')
          from watch
               cross join lateral unnest(columns) as c (name)
         where c.name <> ''
           and not exists (select
                             from pg_attribute a
                            where a.attrelid = $1::oid and a.attname = c.name and a.attnum > 0 and not a.attisdropped))
           as strangers,
       (select columns[1] from read) as owner, (select columns[2] from read) as id, (select columns[3] from read) as username,
       (select columns[4] from read) as name, (select columns[5] from read) as email;
