-- read: is there a schema at all?  (to_regclass would fail for a role that may not look into the schema.)
--
-- No parameter.  One row: begun.
select exists (select
                 from pg_class c
                      join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = 'oauth' and c.relname = 'migration') as begun;
