-- write: new people get ids after those of the sample.
--
-- No parameter.  One row: next (null: ids don't count up).
select case when pg_get_serial_sequence('directory.person', 'id') is not null
            then setval(pg_get_serial_sequence('directory.person', 'id'), greatest(4, nextval(pg_get_serial_sequence('directory.person', 'id')))) end as next;
