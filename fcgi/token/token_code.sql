-- write: exchanges an authorization code for an access token (RFC 6749 4.1.3, RFC 7636 4.6).
--
-- $1 client_id     $2 digest of the client's secret, null: none sent     $3 how it came: basic, post, none
-- $4 locator and $5 digest of the code's secret part, null: malformed     $6 redirect_uri, null: not sent
-- $7 S256 of the code_verifier, null: none or malformed     $8 true: one was sent
-- $9 digest of the new access token     $10 its life in seconds     $11 address     $12 request id
-- $13 resources that the token shall be for, separated by single spaces: short names of ours, and URIs, null: all of the grant (RFC 8707 2.2)
-- $14 locator of a refresh token and $15 digest of its secret part, for a client that gets them
--
-- The order matters: the client; the grant, locked (a racer waits here, and then sees what the winner wrote); the verdict; what it
-- changes.  A code that is replayed ends the grant, but only when all else about the replay was right: who saw a used code must
-- not end an honest client's tokens (RFC 9700 4.5.3.1).
--
-- One row: verdict (ok, invalid_client, unauthorized_client, invalid_grant, invalid_target), detail, slot, expires_in, scope, refreshes
-- (the refresh token was taken).
with client as (
    select a.client_id, a.authentic, a.refusal, a.grant_types, a.access_seconds, a.refresh_idle_seconds, a.changed_at,
           coalesce('refresh_token' = any (a.grant_types), false) as refreshes
      from oauth.client_authentic($1::text, $2::bytea, $3::text) a
), found as (
    select g.id, g.client_id, g.account_id, g.credential, g.scope, g.resources, g.redirect_uri, g.redirect_uri_sent, g.code_challenge,
           g.code_digest, g.code_expires_at, g.code_redeemed_at, g.created_at,
           g.expires_at, g.ended_at, g.ended_why
      from oauth.grants g
     where g.code_locator = $4::bytea and exists (select from client where authentic)
       for update
), judge as (
    select client.client_id, client.access_seconds, client.refreshes, client.refresh_idle_seconds, found.id, found.account_id, found.scope, found.resources, found.expires_at,
           found.code_redeemed_at is not null and found.ended_at is null as replayed,
           case when not coalesce(client.authentic, false) then coalesce(client.refusal, 'not authentic') end as not_authentic,
           case
               when not coalesce('authorization_code' = any (client.grant_types), false) then 'not registered for authorization_code'
           end as not_allowed,
           case
               when found.id is null then 'no grant has this code'
               when found.client_id <> client.client_id then 'the code was issued to ' || found.client_id
               when found.code_digest is distinct from $5::bytea then 'the locator of a code with another secret'
               when $6::text is not null and $6::text is distinct from found.redirect_uri
                   then 'redirect_uri ' || $6::text || ' is not ' || coalesce(found.redirect_uri, 'that of the grant')
               when $6::text is null and coalesce(found.redirect_uri_sent, false) and found.code_challenge is null
                   then 'redirect_uri is missing: the authorization request named it, without PKCE'
               when found.code_challenge is null and $8::boolean then 'code_verifier for a code without code_challenge'
               when found.code_challenge is not null and found.code_challenge is distinct from $7::text
                   then case when $8::boolean then 'code_verifier does not fit' else 'code_verifier is missing' end
           end as wrong,
           case
               when found.ended_at is not null then 'the grant was ended: ' || coalesce(found.ended_why, '')
               when found.code_redeemed_at is not null then 'the code was redeemed at ' || found.code_redeemed_at
               when coalesce(found.code_expires_at, '-infinity') <= now() then 'the code expired at ' || coalesce(found.code_expires_at::text, 'no known time')
               when not coalesce(found.created_at >= client.changed_at, false) then 'the client was registered otherwise since'
               when not coalesce(account.active, false) then 'the account is disabled or gone'
               when account.credential is distinct from found.credential
                    and oauth.credential_now(found.account_id) is distinct from found.credential then 'the password was changed'
           end as over,
           case
               when not coalesce(oauth.resources($13::text) <@ found.resources, $13::text is null)
                   then 'resources ' || $13::text || ' are not within: ' || array_to_string(found.resources, ' ')
           end as elsewhere
      from (select) as one
           left join client on true
           left join found on true
           left join lateral (select a.active, a.credential
                                from directory.account a
                               where a.id = found.account_id offset 0) account on true
    offset 0    -- else what stands above is worked out again wherever it is read
), verdict as (
    select judge.*,
           case
               when not_authentic is not null then 'invalid_client'
               when not_allowed is not null then 'unauthorized_client'
               when coalesce(wrong, over) is not null then 'invalid_grant'
               when elsewhere is not null then 'invalid_target'
               else 'ok'
           end as verdict
      from judge
), marked as (
    update oauth.grants g
       set code_redeemed_at = coalesce(g.code_redeemed_at, now()),
           refresh_locator = case when v.verdict = 'ok' and v.refreshes then $14::bytea else g.refresh_locator end,
           refresh_digest = case when v.verdict = 'ok' and v.refreshes then $15::bytea else g.refresh_digest end,
           idle_until = case when v.verdict = 'ok' and v.refreshes then now() + make_interval(secs => v.refresh_idle_seconds)
                             else g.idle_until end,
           ended_at = case when v.replayed then coalesce(g.ended_at, now()) end,
           ended_why = case when v.replayed then coalesce(g.ended_why, 'replay') end
      from verdict v
     where g.id = v.id and (v.verdict = 'ok' or v.verdict = 'invalid_grant' and v.wrong is null and v.replayed)
), issued as (
    insert into oauth.access_token (slot, digest, grant_id, scope, resources, expires_at)
    select oauth.slot(now(), 86400), $9::bytea, id, scope, coalesce(oauth.resources($13::text), resources),
           least(now() + make_interval(secs => least($10::integer, access_seconds)), expires_at)
      from verdict
     where verdict = 'ok'
    returning slot, expires_at
), audited as (
    insert into oauth.audit (event, client_id, account_id, grant_id, address, request_id, detail)
    select case verdict when 'ok' then 'token' else 'replay' end, client_id, account_id::text, id, $11::inet, $12::text,
           'authorization_code'
      from verdict
     where verdict = 'ok' or verdict = 'invalid_grant' and wrong is null and replayed
)
select verdict, coalesce(not_authentic, not_allowed, wrong, over, elsewhere) as detail,
       issued.slot, extract(epoch from issued.expires_at - now())::bigint as expires_in, array_to_string(scope, ' ') as scope,
       verdict = 'ok' and refreshes as refreshes
  from verdict
       left join issued on true;
