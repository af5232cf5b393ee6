-- write: judges an authorization request and keeps it (RFC 6749 4.1.1, RFC 7636 4.3, RFC 8707 2).
--
-- $1 client_id          $2 redirect_uri as sent, null: none
-- $3 the same without its port where it is http on a loopback address, else null (RFC 8252 7.3)
-- $4 what is wrong with the rest of the request, a name of error.def; null: nothing
-- $5 state              $6 scope, separated by single spaces, null: none
-- $7 code_challenge     $8 handle's digest      $9 digest of the browser's cookie, null: a POST, which brings none
-- $10 resources asked for, separated by single spaces, as short names; null: none
--
-- One row: verdict (ok, that of $4, or what the registration does not allow), detail, redirect_uri (null while it isn't trusted), slot.
with client as (
    select client_id, type, redirect_uris, grant_types, scope, default_scope, resources, default_resources, pkce_required
      from oauth.client
     where client_id = $1 and enabled
), target as (
    select case
               when $2::text is null and cardinality(redirect_uris) = 1 then redirect_uris[1]
               when $2::text = any (redirect_uris) then $2::text
               when type = 'native' and $3::text = any (redirect_uris) then $2::text
           end as redirect_uri,
           case when $6::text is null then nullif(default_scope, '{}') else oauth.words($6::text) end as asked_scope,
           case when $10::text is null then default_resources else oauth.words($10::text) end as asked_resources,
           client.*
      from client
), judge as (
    select target.*,
           case
               when client_id is null then 'unknown_client'
               when redirect_uri is null then 'bad_redirect_uri'
               when $4::text is not null then $4::text
               when not coalesce('authorization_code' = any (grant_types), false) then 'unauthorized_client'
               when asked_scope is null then 'scope_required'
               when not coalesce(asked_scope <@ scope, false) then 'invalid_scope'
               when not coalesce(asked_resources <@ resources, false) then 'invalid_target'
               when pkce_required and $7::text is null then 'pkce_required'
               else 'ok'
           end as verdict
      from (select) as one
           left join target on true
), kept as (
    insert into oauth.authorization_request
           (slot, digest, browser_digest, client_id, redirect_uri, redirect_uri_sent, state, scope, resources, code_challenge)
    select oauth.slot(now(), 3600), $8::bytea, $9::bytea, client_id, redirect_uri, $2::text is not null, $5::text,
           asked_scope, asked_resources, $7::text
      from judge
     where verdict = 'ok'
    returning slot
)
select verdict,
       case verdict
           when 'unknown_client' then 'no enabled client ' || coalesce($1::text, '(none given)')
           when 'bad_redirect_uri' then 'redirect_uri ' || coalesce($2::text, '(none given)') || ' is not one of: '
                                        || array_to_string(redirect_uris, ' ')
           when 'invalid_scope' then 'scope ' || coalesce($6::text, '(default)') || ' is not within: ' || array_to_string(scope, ' ')
           when 'invalid_target' then 'resources ' || coalesce($10::text, '(default)') || ' are not within: '
                                      || array_to_string(resources, ' ')
       end as detail,
       redirect_uri,
       (select slot from kept) as slot
  from judge;
