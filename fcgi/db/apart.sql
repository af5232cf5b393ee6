-- read: where accounts are on another server, lets what asks for one on this connection fail at once, or ask again.
--
-- $1 away, or there
--
-- One row: verdict (ok), detail, state (as $1; null: they are in this database, and nothing has changed).
select 'ok' as verdict, null::text as detail,
       case when i.directory_is_far then set_config('postern.directory', $1::text, false) end as state
  from oauth.installation i
 where i.only_row;
