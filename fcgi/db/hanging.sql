-- read: whether a backend of this role's has been in a statement for longer than any is waited for.
--
-- $1 its process id
--
-- One row: verdict (ok), detail, hanging.  The times are of one clock, which no setting of the database replaces.
select 'ok' as verdict, null::text as detail,
       exists (select
                 from pg_stat_get_activity($1::integer) a
                where a.state = 'active' and a.query_start < statement_timestamp() - interval '0.4 s') as hanging;
