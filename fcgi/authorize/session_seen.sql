-- write: a page was shown in a session: at most once a minute.
--
-- $1 digest of the session's cookie
--
-- One row: verdict (ok), detail.
with seen as (
    update oauth.session set last_seen_at = now()
     where digest = $1::bytea and ended_at is null and last_seen_at < now() - interval '1 minute'
)
select 'ok' as verdict, null as detail;
