-- write: takes a device authorization request (RFC 8628 3.1).
--
-- $1 client_id     $2 digest of the client's secret, null: none sent     $3 how it came: basic, post, none
-- $4 scopes and $5 resources (short names of ours, and URIs) that it asks for, separated by single spaces, null: the client's default
-- $6 digest of the device code     $7 HMAC of the user code     $8 that by each key of the keyring
-- $9 life and $10 polling interval in seconds
--
-- A user code that another row has, by whatever key, is not taken: who asks tries another.
--
-- One row: verdict (ok, user_code_taken, invalid_client, unauthorized_client, scope_required, invalid_scope, invalid_target),
-- detail.
with client as (
    select a.client_id, a.authentic, a.refusal, a.grant_types, a.scope, a.resources,
           coalesce(oauth.words($4::text), nullif(a.default_scope, '{}')) as asked_scope,
           coalesce(oauth.resources($5::text), a.default_resources) as asked_resources
      from oauth.client_authentic($1::text, $2::bytea, $3::text) a
), judge as (
    select client.*,
           case
               when not coalesce(authentic, false) then 'invalid_client'
               when not coalesce('urn:ietf:params:oauth:grant-type:device_code' = any (grant_types), false)
                   then 'unauthorized_client'
               when asked_scope is null then 'scope_required'
               when not coalesce(asked_scope <@ scope, false) then 'invalid_scope'
               when not coalesce(asked_resources <@ resources, false) then 'invalid_target'
               when exists (select from oauth.device_code d where d.user_code = any ($8::bytea[])) then 'user_code_taken'
               else 'ok'
           end as verdict
      from (select) as one
           left join client on true
), made as (
    insert into oauth.device_code (digest, user_code, client_id, scope, resources, expires_at, interval_seconds)
    select $6::bytea, $7::bytea, client_id, asked_scope, asked_resources, now() + make_interval(secs => $9::integer), $10::integer
      from judge
     where verdict = 'ok'
        on conflict (user_code) do nothing
    returning user_code
)
select case when verdict = 'ok' and not exists (select from made) then 'user_code_taken' else verdict end as verdict,
       case verdict
           when 'invalid_client' then coalesce(refusal, 'not authentic')
           when 'unauthorized_client' then 'not registered for device_code'
           when 'invalid_scope' then 'scope ' || coalesce($4::text, '(default)') || ' is not within: '
                                     || array_to_string(scope, ' ')
           when 'invalid_target' then 'resources ' || coalesce($5::text, '(default)') || ' are not within: '
                                      || array_to_string(resources, ' ')
       end as detail
  from judge;
