-- write: exchanges a refresh token for an access token, and rotates it (RFC 6749 6, RFC 9700 4.14.2).
--
-- $1 client_id     $2 digest of the client's secret, null: none sent     $3 how it came: basic, post, none
-- $4 locator and $5 digest of the refresh token's secret part, null: malformed
-- $6 digest of a successor     $7 the successor, sealed for whoever sends the same token again     $8 id of the server's key for it
-- $9 digest of the new access token     $10 its life in seconds     $11 address     $12 request id
-- $13 scopes and $14 resources (short names of ours, and URIs) that the access token shall have, separated by single spaces, null: all of the grant
-- $15 seconds for which a rotated token still gives its successor
--
-- The current token rotates, if the client's do.  The one before it gives the same successor again for a while, so that a lost answer
-- or two tabs log nobody out; that moves nothing.  Any other one of the grant is a replay and ends it.  Of what the grant holds that
-- alone counts which the client is registered for by now.
--
-- One row: verdict (ok, invalid_client, unauthorized_client, invalid_grant, invalid_scope, invalid_target), detail, slot, expires_in,
-- scope, rotated (the successor of this request is the new token), successor and key_id (sealed, of an earlier request; null: none).
with client as (
    select a.client_id, a.authentic, a.refusal, a.grant_types, a.access_seconds, a.refresh_rotates, a.refresh_idle_seconds,
           a.scope, a.resources
      from oauth.client_authentic($1::text, $2::bytea, $3::text) a
), found as (
    select g.id, g.client_id, g.account_id, g.credential, g.scope, g.resources, g.refresh_digest, g.refresh_previous_digest,
           g.refresh_successor, g.refresh_key_id, g.refresh_rotated_at, g.idle_until, g.expires_at, g.ended_at, g.ended_why
      from oauth.grants g
     where g.refresh_locator = $4::bytea and exists (select from client where authentic)
       for update
), judge as (
    select client.client_id, client.access_seconds, client.refresh_rotates, client.refresh_idle_seconds, found.id, found.account_id,
           still.scope, still.resources, found.expires_at, found.refresh_successor, found.refresh_key_id,
           coalesce(found.refresh_digest = $5::bytea, false) as is_current,
           coalesce(found.refresh_previous_digest = $5::bytea
                    and found.refresh_rotated_at > now() - make_interval(secs => $15::integer), false) as is_previous,
           found.ended_at is null as living,
           case when not coalesce(client.authentic, false) then coalesce(client.refusal, 'not authentic') end as not_authentic,
           case
               when not coalesce('refresh_token' = any (client.grant_types), false) then 'not registered for refresh_token'
           end as not_allowed,
           case
               when found.id is null then 'no grant has this refresh token'
               when found.client_id <> client.client_id then 'the refresh token was issued to ' || found.client_id
           end as wrong,
           case
               when found.ended_at is not null then 'the grant was ended: ' || coalesce(found.ended_why, '')
               when found.expires_at <= now() then 'the grant expired at ' || found.expires_at
               when coalesce(found.idle_until, '-infinity') <= now()
                   then 'the refresh token was idle until ' || coalesce(found.idle_until::text, 'no known time')
               when not coalesce(account.active, false) then 'the account is disabled or gone'
               when account.credential is distinct from found.credential
                    and oauth.credential_now(found.account_id) is distinct from found.credential then 'the password was changed'
           end as over,
           case
               when cardinality(still.scope) = 0 then 'the client is registered for none of: ' || array_to_string(found.scope, ' ')
               when not coalesce(oauth.words($13::text) <@ still.scope, $13::text is null)
                   then 'scope ' || $13::text || ' is not within: ' || array_to_string(still.scope, ' ')
           end as wider,
           case
               when cardinality(still.resources) = 0
                   then 'the client is registered for none of: ' || array_to_string(found.resources, ' ')
               when not coalesce(oauth.resources($14::text) <@ still.resources, $14::text is null)
                   then 'resources ' || $14::text || ' are not within: ' || array_to_string(still.resources, ' ')
           end as elsewhere
      from (select) as one
           left join client on true
           left join found on true
           left join lateral (select a.active, a.credential
                                from directory.account a
                               where a.id = found.account_id offset 0) account on true
           cross join lateral (select array(select scope from unnest(found.scope) with ordinality as w (scope, place)
                                             where scope = any (client.scope) order by place) as scope,
                                      array(select resource from unnest(found.resources) with ordinality as w (resource, place)
                                             where resource = any (client.resources) order by place) as resources) still
    offset 0    -- else what stands above is worked out again wherever it is read
), verdict as (
    select judge.*,
           case
               when not_authentic is not null then 'invalid_client'
               when not_allowed is not null then 'unauthorized_client'
               when coalesce(wrong, over) is not null or not (is_current or is_previous) then 'invalid_grant'
               when wider is not null then 'invalid_scope'
               when elsewhere is not null then 'invalid_target'
               else 'ok'
           end as verdict,
           not_authentic is null and not_allowed is null and wrong is null and living and not (is_current or is_previous) as replayed
      from judge
), marked as (
    update oauth.grants g
       set refresh_previous_digest = case when v.refresh_rotates and not v.replayed then g.refresh_digest else g.refresh_previous_digest end,
           refresh_digest = case when v.refresh_rotates and not v.replayed then $6::bytea else g.refresh_digest end,
           refresh_successor = case when v.refresh_rotates and not v.replayed then $7::bytea else g.refresh_successor end,
           refresh_key_id = case when v.refresh_rotates and not v.replayed then $8::text else g.refresh_key_id end,
           refresh_rotated_at = case when v.refresh_rotates and not v.replayed then now() else g.refresh_rotated_at end,
           idle_until = case when v.replayed then g.idle_until else now() + make_interval(secs => v.refresh_idle_seconds) end,
           ended_at = case when v.replayed then now() end,
           ended_why = case when v.replayed then 'replay' end
      from verdict v
     where g.id = v.id and (v.verdict = 'ok' and v.is_current or v.replayed)
), issued as (
    insert into oauth.access_token (slot, digest, grant_id, scope, resources, expires_at)
    select oauth.slot(now(), 86400), $9::bytea, id, coalesce(oauth.words($13::text), scope), coalesce(oauth.resources($14::text), resources),
           least(now() + make_interval(secs => least($10::integer, access_seconds)), expires_at)
      from verdict
     where verdict = 'ok'
    returning slot, scope, expires_at
), audited as (
    insert into oauth.audit (event, client_id, account_id, grant_id, address, request_id, detail)
    select case verdict when 'ok' then 'token' else 'replay' end, client_id, account_id::text, id, $11::inet, $12::text, 'refresh_token'
      from verdict
     where verdict = 'ok' or replayed
)
select v.verdict, coalesce(not_authentic, not_allowed, wrong, over, case when replayed then 'a refresh token that was used up: the grant is ended' end,
                           wider, elsewhere) as detail,
       issued.slot, extract(epoch from issued.expires_at - now())::bigint as expires_in, array_to_string(issued.scope, ' ') as scope,
       v.verdict = 'ok' and v.is_current and v.refresh_rotates as rotated,
       case when v.verdict = 'ok' and v.is_previous and not v.is_current then v.refresh_successor end as successor,
       v.refresh_key_id as key_id
  from verdict v
       left join issued on true;
