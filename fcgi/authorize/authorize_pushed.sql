-- write: begins with a pushed authorization request, which was judged when it was pushed (RFC 9126 4).
--
-- $1 client_id     $2 slot and $3 digest of the request_uri, null: malformed
-- $4 digest of the new handle     $5 digest of the browser's cookie, null: a POST, which brings none
--
-- One row: verdict (ok, request_uri_expired), detail, slot of the handle.
with pushed as (
    select p.*, c.enabled and p.created_at >= c.changed_at as registered     -- not one registered otherwise since
      from oauth.pushed_request p
           join oauth.client c on c.client_id = p.client_id
     where p.slot = $2::smallint and p.digest = $3::bytea
), judge as (
    select pushed.*,
           case
               when pushed.client_id is null then 'there is no such pushed request'
               when pushed.client_id is distinct from $1::text
                   then 'pushed by ' || pushed.client_id || ', used by ' || coalesce($1::text, '(no client_id)')
               when not coalesce(pushed.registered, false) then 'the client is disabled, or registered anew'
               when pushed.completed_at is not null then 'it was completed at ' || pushed.completed_at
               when pushed.expires_at <= now() then 'it expired at ' || pushed.expires_at
           end as wrong
      from (select) as one
           left join pushed on true
), kept as (
    insert into oauth.authorization_request
           (slot, digest, browser_digest, client_id, redirect_uri, redirect_uri_sent, state, scope, resources, code_challenge,
            pushed_slot, pushed_digest)
    select oauth.slot(now(), 3600), $4::bytea, $5::bytea, client_id, redirect_uri, redirect_uri_sent, state, scope, resources,
           code_challenge, slot, digest
      from judge
     where wrong is null
    returning slot
)
select case when wrong is null then 'ok' else 'request_uri_expired' end as verdict, wrong as detail, (select slot from kept) as slot
  from judge;
