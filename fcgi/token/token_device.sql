-- write: a device asks whether the person has decided, and exchanges its code for tokens if so (RFC 8628 3.4, 3.5).
--
-- $1 client_id     $2 digest of the client's secret, null: none sent     $3 how it came: basic, post, none
-- $4 digest of the device code, null: malformed     $5 digest of the new access token     $6 its life in seconds
-- $7 address     $8 request id
-- $9 resources that the token shall be for, as short names of ours and URIs, separated by single spaces, null: all of the grant (RFC 8707 2.2)
-- $10 locator of a refresh token and $11 digest of its secret part, for a client that gets them
--
-- The order is that of token_code.sql: the client; the code, locked (a racer waits here, and then sees what the winner wrote); its
-- grant, locked; the verdict; what it changes.  Who waited for the very approval has a snapshot from before it, without the grant:
-- for that one it is still pending.  A question that comes a second early is no mistake of the device: the network did that.  A code
-- that is redeemed twice ends the grant, as an authorization code does: one of the two devices is not the person's.
--
-- One row: verdict (ok, invalid_client, unauthorized_client, invalid_grant, expired_token, device_denied, authorization_pending,
-- slow_down, invalid_target), detail, slot, expires_in, scope, refreshes (the refresh token was taken).
with client as (
    select a.client_id, a.authentic, a.refusal, a.grant_types, a.access_seconds, a.refresh_idle_seconds, a.changed_at,
           coalesce('refresh_token' = any (a.grant_types), false) as refreshes
      from oauth.client_authentic($1::text, $2::bytea, $3::text) a
), found as (
    select d.digest, d.client_id, d.resources, d.created_at, d.expires_at, d.interval_seconds, d.polled_at, d.decision, d.grant_id,
           d.redeemed_at
      from oauth.device_code d
     where d.digest = $4::bytea and exists (select from client where authentic)
       for update
), allowed as (
    select g.id, g.account_id, g.credential, g.scope, g.resources, g.expires_at, g.ended_at, g.ended_why
      from oauth.grants g
     where g.id = (select grant_id from found)
       for update
), judge as (
    select client.client_id, client.access_seconds, client.refreshes, client.refresh_idle_seconds, found.digest, found.decision,
           allowed.id, allowed.account_id, allowed.scope, allowed.resources, allowed.expires_at,
           coalesce(found.redeemed_at is not null and allowed.ended_at is null and allowed.id is not null, false) as replayed,
           case
               when found.expires_at <= now() then 'the device code has expired'
               when found.created_at < client.changed_at then 'the client was registered otherwise since'
           end as expired,
           coalesce(found.polled_at > now() - make_interval(secs => found.interval_seconds - 1), false) as early,
           case when not coalesce(client.authentic, false) then coalesce(client.refusal, 'not authentic') end as not_authentic,
           case
               when not coalesce('urn:ietf:params:oauth:grant-type:device_code' = any (client.grant_types), false)
                   then 'not registered for device_code'
           end as not_allowed,
           case
               when found.digest is null then 'there is no such device code'
               when found.client_id <> client.client_id then 'the device code was issued to ' || found.client_id
           end as wrong,
           case
               when found.redeemed_at is not null then 'the device code was redeemed at ' || found.redeemed_at
           end as used,
           case
               when allowed.ended_at is not null then 'the grant was ended: ' || coalesce(allowed.ended_why, '')
               when not coalesce(account.active, false) then 'the account is disabled or gone'
               when account.credential is distinct from allowed.credential
                    and oauth.credential_now(allowed.account_id) is distinct from allowed.credential then 'the password was changed'
           end as over,
           case
               when not coalesce(oauth.resources($9::text) <@ found.resources, $9::text is null)
                   then 'resources ' || $9::text || ' are not within: ' || array_to_string(found.resources, ' ')
           end as elsewhere
      from (select) as one
           left join client on true
           left join found on true
           left join allowed on true
           left join lateral (select a.active, a.credential
                                from directory.account a
                               where a.id = allowed.account_id offset 0) account on true
    offset 0    -- else what stands above is worked out again wherever it is read
), verdict as (
    select judge.*,
           case
               when not_authentic is not null then 'invalid_client'
               when not_allowed is not null then 'unauthorized_client'
               when coalesce(wrong, used) is not null then 'invalid_grant'
               when elsewhere is not null then 'invalid_target'
               when expired is not null then 'expired_token'
               when decision = 'denied' then 'device_denied'
               when id is null and early then 'slow_down'
               when id is null then 'authorization_pending'
               when over is not null then 'invalid_grant'
               else 'ok'
           end as verdict
      from judge
), polled as (
    update oauth.device_code d
       set polled_at = now(),
           interval_seconds = d.interval_seconds + case when v.verdict = 'slow_down' then 5 else 0 end,
           redeemed_at = case when v.verdict = 'ok' then now() end
      from verdict v
     where d.digest = v.digest and v.verdict in ('ok', 'authorization_pending', 'slow_down')
), marked as (
    update oauth.grants g
       set refresh_locator = case when v.verdict = 'ok' then $10::bytea else g.refresh_locator end,
           refresh_digest = case when v.verdict = 'ok' then $11::bytea else g.refresh_digest end,
           idle_until = case when v.verdict = 'ok' then now() + make_interval(secs => v.refresh_idle_seconds) else g.idle_until end,
           ended_at = case when v.replayed then now() end,
           ended_why = case when v.replayed then 'replay' end
      from verdict v
     where g.id = v.id and (v.verdict = 'ok' and v.refreshes or v.verdict = 'invalid_grant' and v.wrong is null and v.replayed)
), issued as (
    insert into oauth.access_token (slot, digest, grant_id, scope, resources, expires_at)
    select oauth.slot(now(), 86400), $5::bytea, id, scope, coalesce(oauth.resources($9::text), resources),
           least(now() + make_interval(secs => least($6::integer, access_seconds)), expires_at)
      from verdict
     where verdict = 'ok'
    returning slot, expires_at
), audited as (
    insert into oauth.audit (event, client_id, account_id, grant_id, address, request_id, detail)
    select case verdict when 'ok' then 'token' else 'replay' end, client_id, account_id::text, id, $7::inet, $8::text, 'device_code'
      from verdict
     where verdict = 'ok' or verdict = 'invalid_grant' and wrong is null and replayed
)
select verdict,
       coalesce(not_authentic, not_allowed, wrong, used, elsewhere,
                case verdict
                    when 'invalid_grant' then over
                    when 'device_denied' then 'the person said no'
                    when 'expired_token' then expired
                    when 'slow_down' then 'asked again too soon'
                end) as detail,
       issued.slot, extract(epoch from issued.expires_at - now())::bigint as expires_in, array_to_string(scope, ' ') as scope,
       verdict = 'ok' and refreshes as refreshes
  from verdict
       left join issued on true;
