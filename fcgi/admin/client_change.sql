-- write: changes what a client is registered as.
--
-- $1 the registration: a JSON object with columns of oauth.client     $2 version that this changes     $3 operator
--
-- Authorization requests that wait for a person were judged by the registration as it was: they don't count any more.  A client that
-- gets tokens for itself from now on gets its own grant; one that doesn't any more loses it, and so those tokens.
--
-- One row: verdict (ok, unknown_client, raced: $2 is not the version any more, unknown_scope, unknown_resource), detail (those that
-- there are), changed (the columns, separated by ", "; "": it was so already).
with wanted as (
    select * from jsonb_populate_record(null::oauth.client, $1::jsonb)
), old as (
    select c.*, c.xmin::text as version
      from oauth.client c
     where c.client_id = $1::jsonb ->> 'client_id'
       for update
), judge as (
    select case
               when not exists (select from old) then 'unknown_client'
               when exists (select from old where version is distinct from $2::text) then 'raced'
               when exists (select from wanted, unnest(wanted.scope) as s (scope)
                             where not exists (select from oauth.scope o where o.scope = s.scope)) then 'unknown_scope'
               when exists (select from wanted, unnest(wanted.resources || wanted.introspects) as r (resource)
                             where not exists (select from oauth.resource o where o.resource = r.resource)) then 'unknown_resource'
               else 'ok'
           end as verdict
), difference as (
    select string_agg(new.key, ', ' order by new.key) as changed
      from old, jsonb_each($1::jsonb) as new
     where new.value is distinct from to_jsonb(old) -> new.key
), made as (
    update oauth.client c
       set name = w.name, auth_method = w.auth_method, redirect_uris = w.redirect_uris, origins = w.origins, grant_types = w.grant_types,
           scope = w.scope, default_scope = w.default_scope, resources = w.resources, default_resources = w.default_resources,
           introspects = w.introspects, access_seconds = w.access_seconds, refresh_idle_seconds = w.refresh_idle_seconds,
           refresh_seconds = w.refresh_seconds, refresh_rotates = w.refresh_rotates, pkce_required = w.pkce_required,
           par_required = w.par_required, query_token = w.query_token, logout_ends_grants = w.logout_ends_grants,
           contacts_per_minute = w.contacts_per_minute, contacts_limit = w.contacts_limit,
           changed_at = clock_timestamp()      -- a request that began while this waited was judged by the old one
      from wanted w, judge, difference
     where c.client_id = w.client_id and verdict = 'ok' and changed is not null
    returning c.client_id, c.grant_types, c.scope, c.resources
), own_grant as (
    insert into oauth.grants (client_id, scope, resources, expires_at)
    select client_id, scope, resources, 'infinity' from made where 'client_credentials' = any (grant_types)
        on conflict (client_id) where account_id is null do nothing
), own_gone as (
    delete from oauth.grants g
     using made
     where g.client_id = made.client_id and g.account_id is null and not ('client_credentials' = any (made.grant_types))
), audited as (
    insert into oauth.audit (event, client_id, detail)
    select 'client_change', client_id, $3::text || ': ' || changed from made, difference
)
select verdict,
       case verdict
           when 'unknown_scope' then (select string_agg(scope, ' ' order by scope) from oauth.scope)
           when 'unknown_resource' then (select string_agg(resource, ' ' order by resource) from oauth.resource)
       end as detail,
       coalesce(changed, '') as changed
  from judge, difference;
