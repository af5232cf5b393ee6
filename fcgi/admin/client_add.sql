-- write: registers a client, with its secret's digest.
--
-- $1 the registration: a JSON object with columns of oauth.client     $2 digest of its secret, null: none     $3 operator
--
-- A client that gets tokens for itself has its own grant from now on, which never expires.
--
-- One row: verdict (ok, exists, unknown_scope, unknown_resource), detail (those that there are).
with wanted as (
    select * from jsonb_populate_record(null::oauth.client, $1::jsonb)
), judge as (
    select case
               when exists (select from wanted, unnest(wanted.scope) as s (scope)
                             where not exists (select from oauth.scope o where o.scope = s.scope)) then 'unknown_scope'
               when exists (select from wanted, unnest(wanted.resources || wanted.introspects) as r (resource)
                             where not exists (select from oauth.resource o where o.resource = r.resource)) then 'unknown_resource'
               else 'ok'
           end as verdict
), made as (
    insert into oauth.client
           (client_id, name, type, auth_method, redirect_uris, origins, grant_types, scope, default_scope, resources, default_resources,
            introspects, access_seconds, refresh_idle_seconds, refresh_seconds, refresh_rotates, pkce_required, par_required,
            query_token, logout_ends_grants, contacts_per_minute, contacts_limit, sample)
    select client_id, name, type, auth_method, redirect_uris, origins, grant_types, scope, default_scope, resources, default_resources,
           introspects, access_seconds, refresh_idle_seconds, refresh_seconds, refresh_rotates, pkce_required, par_required,
           query_token, logout_ends_grants, contacts_per_minute, contacts_limit, sample
      from wanted, judge
     where verdict = 'ok'
        on conflict (client_id) do nothing
    returning client_id, grant_types, scope, resources
), own_grant as (
    insert into oauth.grants (client_id, scope, resources, expires_at)
    select client_id, scope, resources, 'infinity' from made where 'client_credentials' = any (grant_types)
), secret as (
    insert into oauth.client_secret (client_id, digest)
    select client_id, $2::bytea from made where $2::bytea is not null
), audited as (
    insert into oauth.audit (event, client_id, detail) select 'client_add', client_id, $3::text from made
)
select case when verdict = 'ok' and not exists (select from made) then 'exists' else verdict end as verdict,
       case verdict
           when 'unknown_scope' then (select string_agg(scope, ' ' order by scope) from oauth.scope)
           when 'unknown_resource' then (select string_agg(resource, ' ' order by resource) from oauth.resource)
       end as detail
  from judge;
