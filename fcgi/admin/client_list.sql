-- read: the clients.
--
-- $1 one client_id, null: all
--
-- A row for each client; none is possible.
select client_id, name, type, auth_method, array_to_string(redirect_uris, ' ') as redirect_uris, array_to_string(scope, ' ') as scope,
       array_to_string(default_scope, ' ') as default_scope, coalesce(array_to_string(introspects, ' '), '') as introspects, pkce_required, query_token,
       enabled, sample,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at
  from oauth.client
 where $1::text is null or client_id = $1::text
 order by client_id;
