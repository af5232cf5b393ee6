-- write: the person decides about a kept authorization request (RFC 6749 4.1.2): allowing it makes the grant and its code.
--
-- $1 slot and $2 digest of the handle     $3 digest of the browser's cookie     $4 digest of the session's
-- $5 form_time     $6 true: allowed     $7 locator and $8 digest of the code     $9 its life in seconds
-- $10 address     $11 request id
--
-- One row: verdict (ok, access_denied, form_late, login_required, request_expired, unauthorized_client), detail, redirect_uri, state.
with request as (
    select r.*, c.enabled,
           case when 'refresh_token' = any (c.grant_types) then c.refresh_seconds else 0 end as refresh_seconds
      from oauth.authorization_request r
           join oauth.client c on c.client_id = r.client_id
     where r.slot = $1::smallint and r.digest = $2::bytea and r.created_at > now() - interval '1 hour'
       and r.created_at >= c.created_at     -- a client registered anew has not asked for this
       and r.browser_digest = $3::bytea
), held as (        -- a logout that is under way is awaited here, and counts
    select id from oauth.session where digest = $4::bytea and ended_at is null for share
), session as (
    select * from oauth.live_session where digest = $4::bytea and exists (select from held)
), judge as (
    select request.*, session.id as session_id, session.account_id, session.credential,
           case
               when request.client_id is null then 'request_expired'
               when $5::bigint <= extract(epoch from now()) - 1800 then 'form_late'
               when session.id is null then 'login_required'
               when not enabled then 'unauthorized_client'
               when not $6::boolean then 'access_denied'
               else 'ok'
           end as verdict
      from (select) as one
           left join request on true
           left join session on true
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
    select case verdict when 'ok' then 'consent' else 'denial' end, client_id, account_id::text, (select id from granted),
           $10::inet, $11::text, array_to_string(scope, ' ')
      from judge
     where verdict in ('ok', 'access_denied')
)
select verdict,
       case verdict when 'access_denied' then 'the person said no' end as detail,
       redirect_uri, state
  from judge;
