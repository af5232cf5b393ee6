-- write: the person decides about a kept authorization request (RFC 6749 4.1.2): allowing it makes the grant and its code.
--
-- $1 slot and $2 digest of the handle     $3 digest of the browser's cookie     $4 digest of the session's
-- $5 form_time     $6 true: allowed     $7 locator and $8 digest of the code     $9 its life in seconds
-- $10 address     $11 request id
--
-- A pushed request is locked, since many browsers can have begun with it and one completes it (RFC 9126 4).  A code_challenge is for
-- one sign-in: while its code lives, the same one from another session is refused, and from the same session the new code replaces
-- the old (RFC 9700 2.1.1).  Two that come at once meet in the unique key of challenge_use; who waited there can't see the other's grant,
-- so a function ends it.
--
-- One row: verdict (ok, access_denied, form_late, login_required, request_expired, unauthorized_client, challenge_reused), detail,
-- redirect_uri, state.
with request as (
    select r.*, c.enabled,
           case when 'refresh_token' = any (c.grant_types) then c.refresh_seconds else 0 end as refresh_seconds
      from oauth.authorization_request r
           join oauth.client c on c.client_id = r.client_id
     where r.slot = $1::smallint and r.digest = $2::bytea and r.created_at > now() - interval '1 hour'
       and r.created_at >= c.changed_at     -- a client registered otherwise since has not asked for this
       and r.browser_digest = $3::bytea
), pushed as (
    select p.slot, p.digest, p.completed_at
      from oauth.pushed_request p
     where (p.slot, p.digest) = (select pushed_slot, pushed_digest from request)
       for update
), held as (        -- a logout that is under way is awaited here, and counts
    select id from oauth.session where digest = $4::bytea and ended_at is null for share
), session as (
    select * from oauth.live_session where digest = $4::bytea and exists (select from held)
), decided as (
    select request.*, session.id as session_id, session.account_id, session.credential,
           case
               when request.client_id is null then 'request_expired'
               when request.pushed_digest is not null and (pushed.digest is null or pushed.completed_at is not null) then 'request_expired'
               when $5::bigint <= extract(epoch from now()) - 1800 then 'form_late'
               when session.id is null then 'login_required'
               when not enabled then 'unauthorized_client'
               when not $6::boolean then 'access_denied'
               else 'ok'
           end as decision
      from (select) as one
           left join request on true
           left join pushed on true
           left join session on true
), challenge as (
    insert into oauth.challenge_use as u (client_id, challenge, session_id, code_locator, expires_at)
    select client_id, code_challenge, session_id, $7::bytea, now() + make_interval(secs => $9::integer)
      from decided
     where decision = 'ok' and code_challenge is not null
    on conflict (client_id, challenge) do update
       set session_id = excluded.session_id, code_locator = excluded.code_locator, former_code = u.code_locator,
           expires_at = excluded.expires_at
     where u.session_id = excluded.session_id or u.expires_at <= now()
    returning oauth.replace_code(former_code)
), judge as (
    select decided.*,
           case when decision = 'ok' and code_challenge is not null and not exists (select from challenge) then 'challenge_reused'
                else decision end as verdict
      from decided
), completed as (
    update oauth.pushed_request p set completed_at = now()
      from judge
     where p.slot = judge.pushed_slot and p.digest = judge.pushed_digest and verdict in ('ok', 'access_denied')
), granted as (
    insert into oauth.grants
           (client_id, account_id, session_id, credential, scope, resources, redirect_uri, redirect_uri_sent, code_challenge,
            code_locator, code_digest, code_expires_at, expires_at)
    select client_id, account_id, session_id, credential, scope, resources, redirect_uri, redirect_uri_sent, code_challenge,
           $7::bytea, $8::bytea, now() + make_interval(secs => $9::integer),
           now() + make_interval(secs => $9::integer + refresh_seconds) + interval '1 day'
      from judge
     where verdict = 'ok'
    returning id
), audited as (
    insert into oauth.audit (event, client_id, account_id, grant_id, address, request_id, detail)
    select case verdict when 'ok' then 'consent' when 'access_denied' then 'denial' else verdict end, client_id, account_id::text,
           (select id from granted), $10::inet, $11::text, array_to_string(scope, ' ')
      from judge
     where verdict in ('ok', 'access_denied', 'challenge_reused')
)
select verdict,
       case verdict
           when 'access_denied' then 'the person said no to client ' || client_id
           when 'challenge_reused' then 'the code_challenge came in another session, whose code lives'
           when 'request_expired'
               then case when pushed_digest is not null then 'the pushed request was completed already'
                         else 'no request of this handle in the last hour in this browser' end
           when 'unauthorized_client' then 'client ' || client_id || ' was disabled meanwhile'
       end as detail,
       redirect_uri, state
  from judge;
