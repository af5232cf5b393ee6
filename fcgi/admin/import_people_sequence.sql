-- write: new people get ids after the greatest that a file gave.
--
-- No parameter.  One row: last (null: it is after that already, or ids don't count up).
select case when sequence is not null
                then (select case when p.id::text::bigint > coalesce(pg_sequence_last_value(sequence), 0)
                                      then setval(sequence, p.id::text::bigint) end
                        from directory.person p
                       order by p.id desc
                       limit 1)
       end as last
  from (select pg_get_serial_sequence('directory.person', 'id')::regclass) as one (sequence);
