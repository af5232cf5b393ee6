-- write: adds a resource of the administrator's own (RFC 8707 2).
--
-- $1 short name     $2 URI     $3 operator
--
-- One row: verdict (ok, exists: the name or the URI), detail (what is there).
with made as (
    insert into oauth.resource (resource, uri) values ($1::text, $2::text) on conflict do nothing returning resource
), audited as (
    insert into oauth.audit (event, detail) select 'resource_add', $3::text || ': ' || resource from made
)
select case when exists (select from made) then 'ok' else 'exists' end as verdict,
       (select string_agg(resource || coalesce(' ' || uri, ''), ', ')
          from oauth.resource
         where resource = $1::text or uri = $2::text) as detail;
