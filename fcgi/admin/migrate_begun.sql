-- read: is there a schema at all?
--
-- No parameter.  One row: begun.
select to_regclass('oauth.migration') is not null as begun;
