-- write: removes a scope, unless a client is registered for it.
--
-- $1 scope     $2 operator
--
-- One row: verdict (ok, unknown_scope, used), detail (the clients that are registered for it, the first five).
with found as (
    select scope from oauth.scope where scope = $1::text for update
), users as (
    select string_agg(client_id, ', ' order by client_id) as clients
      from (select client_id from oauth.client where $1::text = any (scope) order by client_id limit 5) as first
), removed as (
    delete from oauth.scope s using found, users where s.scope = found.scope and clients is null returning s.scope
), audited as (
    insert into oauth.audit (event, detail) select 'scope_remove', $2::text || ': ' || scope from removed
)
select case
           when not exists (select from found) then 'unknown_scope'
           when clients is not null then 'used'
           else 'ok'
       end as verdict,
       clients as detail
  from users;
