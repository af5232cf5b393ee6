-- write: an access token for the client itself (RFC 6749 4.4).
--
-- $1 client_id     $2 digest of the client's secret, null: none sent     $3 how it came: basic, post, none
-- $4 scopes and $5 resources (short names of ours, and URIs) that the token shall have, separated by single spaces, null: the client's default
-- $6 digest of the new access token     $7 its life in seconds     $8 address     $9 request id
--
-- The token hangs on the one grant that the client has from its registration.  A scope that means a person's data is no scope of a
-- machine; of the default scopes those are left out.
--
-- One row: verdict (ok, invalid_client, unauthorized_client, invalid_scope, scope_required, invalid_target), detail, slot, expires_in,
-- scope.
with client as (
    select a.client_id, a.authentic, a.refusal, a.grant_types, a.access_seconds, a.scope, a.resources,
           case when $4::text is not null then oauth.words($4::text)
                else array(select d.scope
                             from unnest(a.default_scope) with ordinality as d (scope, place)
                                  join oauth.scope s on s.scope = d.scope and not s.needs_person
                            order by d.place) end as asked_scope,
           coalesce(oauth.resources($5::text), a.default_resources) as asked_resources
      from oauth.client_authentic($1::text, $2::bytea, $3::text) a
), found as (
    select g.id
      from oauth.grants g
     where g.client_id = $1::text and g.account_id is null and g.ended_at is null and g.expires_at > now()
), judge as (
    select client.*, found.id as grant_id,
           case when not coalesce(client.authentic, false) then coalesce(client.refusal, 'not authentic') end as not_authentic,
           case
               when not coalesce('client_credentials' = any (client.grant_types), false) then 'not registered for client_credentials'
               when found.id is null then 'its own grant was ended'
           end as not_allowed,
           case
               when not coalesce(client.asked_scope <@ client.scope, false)
                   then 'scope ' || coalesce($4::text, '(default)') || ' is not within: ' || array_to_string(client.scope, ' ')
               when exists (select from oauth.scope s where s.scope = any (client.asked_scope) and s.needs_person)
                   then 'scope ' || coalesce($4::text, '(default)') || ' means a person''s data'
           end as wider,
           case
               when not coalesce(client.asked_resources <@ client.resources, false)
                   then 'resources ' || coalesce($5::text, '(default)') || ' are not within: ' || array_to_string(client.resources, ' ')
           end as elsewhere
      from (select) as one
           left join client on true
           left join found on true
    offset 0    -- else what stands above is worked out again wherever it is read
), verdict as (
    select judge.*,
           case
               when not_authentic is not null then 'invalid_client'
               when not_allowed is not null then 'unauthorized_client'
               when wider is not null then 'invalid_scope'
               when cardinality(asked_scope) = 0 then 'scope_required'
               when elsewhere is not null then 'invalid_target'
               else 'ok'
           end as verdict
      from judge
), issued as (
    insert into oauth.access_token (slot, digest, grant_id, scope, resources, expires_at)
    select oauth.slot(now(), 86400), $6::bytea, grant_id, asked_scope, asked_resources,
           now() + make_interval(secs => least($7::integer, access_seconds))
      from verdict
     where verdict = 'ok'
    returning slot, scope, expires_at
), audited as (
    insert into oauth.audit (event, client_id, grant_id, address, request_id, detail)
    select 'token', client_id, grant_id, $8::inet, $9::text, 'client_credentials'
      from verdict
     where verdict = 'ok'
)
select verdict,
       coalesce(not_authentic, not_allowed, wider, case when cardinality(asked_scope) = 0 then 'all its default scopes mean a person''s data' end,
                elsewhere) as detail,
       issued.slot, extract(epoch from issued.expires_at - now())::bigint as expires_in, array_to_string(issued.scope, ' ') as scope
  from verdict
       left join issued on true;
