-- read: when has "postern maintain" last done all that there was to do?
--
-- No parameter.  One row: whole_at (UTC, null: never), late (three hours ago or more, or never in a database of that age).
select to_char(m.whole_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as whole_at,
       coalesce(m.whole_at, i.created_at) <= now() - interval '3 hours' as late
  from oauth.maintenance m
       cross join oauth.installation i;
