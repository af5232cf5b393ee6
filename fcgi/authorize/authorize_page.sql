-- read: what the page of a kept authorization request shows, in the browser that it belongs to.
--
-- $1 slot and $2 digest of the handle     $3 digest of the browser's cookie, null: none     $4 digest of the session's, null: none
-- $5 language of the page
--
-- A row for each scope, at least one: verdict (ok, other_browser, request_expired, unauthorized_client), detail, client, redirect_uri,
-- state, username (null: nobody is signed in), seen_due (the session's time wants writing), form_time, sentence.
with request as (
    select r.*, c.name as client, c.enabled, p.completed_at
      from oauth.authorization_request r
           join oauth.client c on c.client_id = r.client_id
           left join oauth.pushed_request p on p.slot = r.pushed_slot and p.digest = r.pushed_digest
     where r.slot = $1::smallint and r.digest = $2::bytea and r.created_at > now() - interval '1 hour'
       and r.created_at >= c.changed_at     -- a client registered otherwise since has not asked for this
), judge as (
    select request.*,
           case
               when client_id is null or completed_at is not null then 'request_expired'
               when not enabled then 'unauthorized_client'
               when browser_digest is distinct from $3::bytea or $3::bytea is null then 'other_browser'
               else 'ok'
           end as verdict
      from (select) as one
           left join request on true
)
select j.verdict,
       case j.verdict
           when 'request_expired'
               then coalesce('the pushed request was completed at ' || j.completed_at, 'no request of this handle in the last hour')
           when 'unauthorized_client' then 'client ' || j.client_id || ' was disabled meanwhile'
       end as detail,
       j.client,
       case when j.verdict <> 'other_browser' then j.redirect_uri end as redirect_uri, j.state,
       s.username, coalesce(s.last_seen_at < now() - interval '1 minute', false) as seen_due,
       extract(epoch from now())::bigint as form_time,
       coalesce(t.sentence, w.scope) as sentence
  from judge j
       left join oauth.live_session s on s.digest = $4::bytea
       left join lateral unnest(j.scope) with ordinality as w (scope, position) on true
       left join oauth.scope_sentence t on t.scope = w.scope and t.language = $5::text
 order by w.position;
