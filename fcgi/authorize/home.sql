-- read: who is signed in in this browser.
--
-- $1 digest of the session's cookie, null: none
--
-- One row: verdict (ok), detail, username (null: nobody), seen_due (the session's time wants writing), form_time.
select 'ok' as verdict, null as detail, s.username,
       coalesce(s.last_seen_at < now() - interval '1 minute', false) as seen_due,
       extract(epoch from now())::bigint as form_time
  from (select) as one
       left join oauth.live_session s on s.digest = $1::bytea;
