-- write: the person decides about a device authorization request (RFC 8628 3.3): allowing it makes the grant, which the device then
-- finds.
--
-- $1 digest of the session's cookie     $2 HMACs of the code by each key of the keyring     $3 form_time     $4 true: allowed
-- $5 address     $6 address (IPv6: its /64)     $7 codes of an account and $8 from an address in 15 minutes     $9 request id
--
-- The code's row is locked (of two people who decide at once the second sees what the first did), judged, written.  The same button
-- twice is no mistake and changes nothing.  The attempt that device_find counted is given back.
--
-- One row: verdict (ok, form_late, login_required, user_code_wrong), detail, client.
with held as (        -- a logout that is under way is awaited here, and counts
    select id from oauth.session where digest = $1::bytea and ended_at is null for share
), session as (
    select * from oauth.live_session where digest = $1::bytea and exists (select from held)
), found as (
    select d.user_code, d.client_id, d.scope, d.resources, d.created_at, d.expires_at, d.decision, d.account_id
      from oauth.device_code d
     where d.user_code = any ($2::bytea[]) and exists (select from session)
       for update
), judge as (
    select found.*, session.id as session_id, session.account_id as person_id, session.credential, c.name,
           case when 'refresh_token' = any (c.grant_types) then c.refresh_seconds else 0 end as refresh_seconds,
           case
               when session.id is null then 'nobody is signed in'
               when found.client_id is null then 'no request has this code'
               when not coalesce(c.enabled and 'urn:ietf:params:oauth:grant-type:device_code' = any (c.grant_types)
                                 and found.created_at >= c.changed_at, false)
                   then 'the client may not use it any more'
               when found.decision is not null
                    and (found.account_id is distinct from session.account_id or (found.decision = 'allowed') <> $4::boolean)
                   then 'it was ' || found.decision || ' already'
               when found.decision is null and found.expires_at <= now() then 'it expired at ' || found.expires_at
           end as wrong
      from (select) as one
           left join session on true
           left join found on true
           left join oauth.client c on c.client_id = found.client_id
     limit 1
), verdict as (
    select judge.*,
           case
               when $3::bigint <= extract(epoch from now()) - 1800 then 'form_late'
               when session_id is null then 'login_required'
               when wrong is not null then 'user_code_wrong'
               else 'ok'
           end as verdict
      from judge
), fresh as (
    select * from verdict where verdict = 'ok' and decision is null
), granted as (
    insert into oauth.grants (client_id, account_id, session_id, credential, scope, resources, expires_at)
    select client_id, person_id, session_id, credential, scope, resources,
           expires_at + make_interval(secs => refresh_seconds) + interval '1 day'
      from fresh
     where $4::boolean
    returning id
), decided as (
    update oauth.device_code d
       set decision = case when $4::boolean then 'allowed' else 'denied' end, decided_at = now(), account_id = fresh.person_id,
           grant_id = (select id from granted)
      from fresh
     where d.user_code = fresh.user_code
), counted as (       -- locked in device_find's order, so that the two never wait for each other crosswise
    select l.key, k.step
      from (select 1 as place, 'device account ' || person_id as key, interval '15 minutes' / $7::integer as step from fresh
            union all
            select 2, 'device address ' || $6::text, interval '15 minutes' / $8::integer from fresh) k
           join oauth.login_limit l on l.key = k.key
     order by k.place
       for update of l
), given_back as (
    update oauth.login_limit l
       set full_until = l.full_until - counted.step
      from counted
     where l.key = counted.key
), audited as (
    insert into oauth.audit (event, client_id, account_id, grant_id, address, request_id, detail)
    select case when $4::boolean then 'consent' else 'denial' end, client_id, person_id::text, (select id from granted),
           $5::inet, $9::text, 'device: ' || array_to_string(scope, ' ')
      from fresh
)
select verdict, case when verdict = 'user_code_wrong' then wrong end as detail, name as client
  from verdict;
