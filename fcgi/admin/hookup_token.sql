-- write: an access token of a client that is nobody's, for a person; to be rolled back.  It needs the rights of the owner.
--
-- $1 client_id     $2 digest of the token     $3 the person's id and $4 its credential
--
-- One row: slot, snapshot (what it sees).
with client as (
    insert into oauth.client (client_id, name, type, auth_method, redirect_uris, grant_types, scope, default_scope)
    values ($1::text, 'postern check', 'confidential', 'client_secret_basic', '{}', '{}', '{profile,contacts}', '{profile,contacts}')
    returning client_id
), made as (
    insert into oauth.grants (client_id, account_id, credential, scope, resources, expires_at)
    select client_id, $3, $4::text, '{profile,contacts}', '{profile,contacts}', now() + interval '1 minute'
      from client
    returning id, scope, resources, expires_at
)
insert into oauth.access_token (slot, digest, grant_id, scope, resources, expires_at)
select oauth.slot(now(), 86400), $2::bytea, id, scope, resources, expires_at
  from made
returning slot, pg_current_snapshot()::text as snapshot;
