-- write: new people get ids after those of the sample.
--
-- $1 the first that is free
--
-- One row: next (null: ids don't count up).
select setval(sequence, greatest(nextval(sequence), $1::bigint), false) as next
  from (select pg_get_serial_sequence('directory.person', 'id')::regclass) as one (sequence);
