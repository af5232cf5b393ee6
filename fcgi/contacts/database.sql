-- read (directory.contact_change): which database this is: a mark of "sync" is of use in no other, nor after a restore.
--
-- No parameter.  One row: verdict (ok), detail, identity (null: there is no log of changes, or this is a replica, which
-- can't tell what runs on the primary), log_begins (the transaction that last emptied the log of changes: marks of before have ended).
select 'ok' as verdict, null::text as detail,
       case
           when not pg_is_in_recovery() and to_regclass('directory.contact_change') is not null
               then concat_ws('.', s.system_identifier, c.timeline_id, d.oid, to_regclass('directory.contact_change')::oid)
       end as identity,
       l.truncated_in as log_begins
  from pg_control_system() s
       cross join pg_control_checkpoint() c
       join pg_database d on d.datname = current_database()
       join oauth.contact_log l on l.only_row;
