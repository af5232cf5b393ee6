-- read: are the directory's views as the programs need them, and do they stand over the shipped tables?
--
-- No parameter.  One row: missing and mistyped (columns, null: none), shipped (directory.account shows directory.person).
--
-- A view that is not there at all lacks all its columns; contact_change and contact_word need not be there.
with needed (view, name, type) as (
    select n.view, n.name, case n.type when 'account' then i.account_id_type when 'contact' then i.contact_id_type else n.type end
      from (values ('account', 'id', 'account'), ('account', 'username', 'text'), ('account', 'password_hash', 'text'),
                   ('account', 'active', 'boolean'), ('account', 'credential', 'text'), ('account', 'name', 'text'),
                   ('account', 'email', 'text'),
                   ('contact', 'owner_id', 'account'), ('contact', 'id', 'contact'), ('contact', 'username', 'text'),
                   ('contact', 'name', 'text'), ('contact', 'email', 'text'), ('contact', 'phone', 'text'),
                   ('contact', 'updated_at', 'timestamp with time zone'),
                   ('contact_change', 'owner_id', 'account'), ('contact_change', 'id', 'contact'), ('contact_change', 'xid', 'xid8'),
                   ('contact_change', 'seq', 'bigint'),
                   ('contact_word', 'owner_id', 'account'), ('contact_word', 'word', 'text'), ('contact_word', 'id', 'contact'),
                   ('contact_word', 'sorts', 'boolean'))
               as n (view, name, type)
           cross join oauth.installation i
     where n.view in ('account', 'contact') or to_regclass('directory.' || n.view) is not null
), found as (
    select n.view || '.' || n.name as name, n.type, format_type(a.atttypid, null) as is_type
      from needed n
           left join pg_namespace s on s.nspname = 'directory'
           left join pg_class c on c.relnamespace = s.oid and c.relname = n.view
           left join pg_attribute a on a.attrelid = c.oid and a.attname = n.name and not a.attisdropped
)
select (select string_agg(name, ', ') from found where is_type is null) as missing,
       (select string_agg(name || ' is ' || is_type || ' and must be ' || type, ', ')
          from found
         where is_type <> type and not (type = 'text' and is_type = 'character varying')) as mistyped,
       exists (select
                 from pg_rewrite r
                      join pg_class v on v.oid = r.ev_class and v.relname = 'account'
                      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
                      join pg_class t on t.oid = d.refobjid and t.relname = 'person' and t.relnamespace = v.relnamespace
                      join pg_namespace s on s.oid = v.relnamespace and s.nspname = 'directory') as shipped;
