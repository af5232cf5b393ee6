-- read: a resource of the administrator's own, for its metadata (RFC 9728 2).
--
-- $1 short name
--
-- One row: verdict (ok, not_found), detail, uri (or the short name, of a resource whose URI is a setting).
select case when uri is null then 'not_found' else 'ok' end as verdict,
       case when uri is null then 'the location in nginx names a resource that there is not: ' || coalesce($1::text, '') end as detail,
       uri
  from (select (oauth.resource_uris(array[$1::text]))[1] as uri) as one;
