-- write: takes a kept authorization request over into another browser, as a new one; the old one stays as it is.
--
-- $1 slot and $2 digest of the handle     $3 digest of the new handle     $4 digest of the browser's cookie
--
-- One row: verdict (ok, request_expired), detail, slot of the new handle.
with copy as (
    insert into oauth.authorization_request
           (slot, digest, browser_digest, client_id, redirect_uri, redirect_uri_sent, state, scope, resources, code_challenge,
            created_at, pushed_slot, pushed_digest)
    select oauth.slot(created_at, 3600), $3::bytea, $4::bytea, client_id, redirect_uri, redirect_uri_sent, state, scope, resources,
           code_challenge, created_at, pushed_slot, pushed_digest
      from oauth.authorization_request
     where slot = $1::smallint and digest = $2::bytea and created_at > now() - interval '1 hour'
    returning slot
)
select case when copy.slot is null then 'request_expired' else 'ok' end as verdict,
       case when copy.slot is null then 'no request of this handle in the last hour' end as detail, copy.slot
  from (select) as one
       left join copy on true;
