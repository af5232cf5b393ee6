-- write: new people get ids after those of the sample.
--
-- No parameter.  One row: next (null: ids don't count up).
select setval(sequence, greatest(nextval(sequence), 5), false) as next
  from (select pg_get_serial_sequence('directory.person', 'id')::regclass) as one (sequence);
