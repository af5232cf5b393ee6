-- read: what the directory has of contacts, for the description of the API.
--
-- One row: verdict (ok), detail, id_type (as PostgreSQL spells it), search and sync (there is what they need).
select 'ok' as verdict, null::text as detail, pg_typeof(c.id)::text as id_type,
       to_regclass('directory.contact_word') is not null as search, to_regclass('directory.contact_change') is not null as sync
  from (select) as one
       left join lateral (select id from directory.contact where false) c on true;
