-- read: of what type the ids of contacts are, for the description of the API.
--
-- No parameter.  One row: verdict (ok), detail, id_type (as PostgreSQL spells it).
select 'ok' as verdict, null::text as detail, pg_typeof(c.id)::text as id_type
  from (select) as one
       left join lateral (select id from directory.contact where false) c on true;
