-- read: what do the directory's views read, may their owners read it, and who is asked as whom on another server?
--
-- No parameter.  A row for each view and each table, materialized view or foreign table below it: view, relation, oid, kind (its relkind),
-- reader (the owner of the view that reads it), readable, server (of a foreign table), mapped (the server knows the reader), rows (by
-- the last analyze, null: none).
with recursive below (view, relation, reader) as (
    select c.relname::text, c.oid, null::oid
      from pg_class c
           join pg_namespace s on s.oid = c.relnamespace and s.nspname = 'directory'
     where c.relname in ('account', 'contact', 'contact_change', 'contact_word') and c.relkind = 'v'
    union
    select b.view, d.refobjid, v.relowner
      from below b
           join pg_class v on v.oid = b.relation and v.relkind = 'v'
           join pg_rewrite r on r.ev_class = v.oid
           join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
                               and d.refobjid <> v.oid
)
select distinct b.view, b.relation::regclass::text as relation, b.relation as oid, c.relkind::text as kind, pg_get_userbyid(b.reader) as reader,
       has_any_column_privilege(b.reader, b.relation, 'select') as readable, s.srvname as server,
       exists (select from pg_user_mappings m where m.srvid = s.oid and m.umuser in (0, b.reader)) as mapped,
       case when c.reltuples >= 0 then c.reltuples::bigint end as rows
  from below b
       join pg_class c on c.oid = b.relation and c.relkind in ('r', 'p', 'm', 'f')
       left join (pg_foreign_table f join pg_foreign_server s on s.oid = f.ftserver) on f.ftrelid = c.oid
 where b.reader is not null
 order by 1, 2;
