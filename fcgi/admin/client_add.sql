-- write: registers a client, with its secret's digest.
--
-- $1 client_id     $2 name     $3 type     $4 auth_method     $5 redirect_uris, a line each     $6 scopes, separated by spaces
-- $7 pkce_required     $8 query_token     $9 digest of the secret, null: none     $10 operator     $11 sample
-- $12 grant types, separated by spaces, none: ""     $13 true: its refresh tokens rotate
-- $14 resources about whose tokens it may ask, separated by spaces, null: it is no resource server
--
-- A client that gets tokens for itself has its own grant from now on, which never expires.  A resource server gets no tokens.
--
-- One row: verdict (ok, exists, unknown_scope, unknown_resource), detail.
with judge as (
    select case
               when exists (select from unnest(string_to_array($6::text, ' ')) as s (scope)
                             where not exists (select from oauth.scope o where o.scope = s.scope)) then 'unknown_scope'
               when exists (select from unnest(string_to_array($14::text, ' ')) as r (resource)
                             where not exists (select from oauth.resource o where o.resource = r.resource)) then 'unknown_resource'
               else 'ok'
           end as verdict
), made as (
    insert into oauth.client
           (client_id, name, type, auth_method, redirect_uris, scope, default_scope, pkce_required, query_token, sample,
            grant_types, refresh_rotates, introspects, resources, default_resources)
    select $1::text, $2::text, $3::text, $4::text, coalesce(string_to_array($5::text, chr(10)), '{}'), string_to_array($6::text, ' '),
           string_to_array($6::text, ' '), $7::boolean, $8::boolean, $11::boolean,
           string_to_array($12::text, ' '), $13::boolean, string_to_array($14::text, ' '), its.resources, its.resources
      from judge
           cross join lateral (select case when $14::text is null then array['profile', 'contacts'] else '{}' end as resources) its
     where verdict = 'ok'
        on conflict (client_id) do nothing
    returning client_id, grant_types, scope, resources
), own_grant as (
    insert into oauth.grants (client_id, scope, resources, expires_at)
    select client_id, scope, resources, 'infinity' from made where 'client_credentials' = any (grant_types)
), secret as (
    insert into oauth.client_secret (client_id, digest)
    select client_id, $9::bytea from made where $9::bytea is not null
), audited as (
    insert into oauth.audit (event, client_id, detail) select 'client_add', client_id, $10::text from made
)
select case when verdict = 'ok' and not exists (select from made) then 'exists' else verdict end as verdict,
       case verdict
           when 'unknown_scope' then (select 'the scopes are: ' || string_agg(scope, ' ' order by scope) from oauth.scope)
           when 'unknown_resource' then (select 'the resources are: ' || string_agg(resource, ' ' order by resource) from oauth.resource)
       end as detail
  from judge;
