-- write: removes a resource of the administrator's own that no client is registered for.
--
-- $1 short name     $2 operator
--
-- One row: verdict (ok, unknown_resource, ours, used), detail (the clients that use it).
with found as (
    select r.resource, r.uri,
           (select string_agg(c.client_id, ' ' order by c.client_id)
              from oauth.client c
             where r.resource = any (c.resources) or r.resource = any (c.introspects)) as clients
      from oauth.resource r
     where r.resource = $1::text
), judge as (
    select case
               when found.resource is null then 'unknown_resource'
               when found.uri is null then 'ours'
               when found.clients is not null then 'used'
               else 'ok'
           end as verdict,
           found.clients
      from (select) as one
           left join found on true
), removed as (
    delete from oauth.resource r using judge j where r.resource = $1::text and j.verdict = 'ok' returning r.resource
), audited as (
    insert into oauth.audit (event, detail) select 'resource_remove', $2::text || ': ' || resource from removed
)
select verdict, clients as detail from judge;
