-- read: what a resource server may know of a token (RFC 7662 2.2).
--
-- $1 client_id     $2 digest of the client's secret, null: none sent     $3 how it came: basic, post, none
-- $4 slot and $5 digest of the token, null: not of the form of an access token
--
-- A token for none of its resources is to a resource server like one that never was, and so is one of an account whose id reads as
-- a machine's subject.
--
-- One row: verdict (ok, invalid_client, unauthorized_client, invalid_token), detail; for ok scope, client_id, account_id (null: a
-- machine's own), username, resources (as resource_uri() reads them), issued and expires (seconds since 1970).
with client as (
    select a.client_id, a.authentic, a.refusal, a.introspects
      from oauth.client_authentic($1::text, $2::bytea, $3::text) a
), token as (
    select t.client_id, t.account_id, t.username, t.scope, t.resources, t.issued_at, t.expires_at
      from oauth.live_token t
     where t.slot = $4::smallint and t.digest = $5::bytea and exists (select from client where authentic)
), judge as (
    select token.*, client.refusal,
           case
               when not coalesce(client.authentic, false) then 'invalid_client'
               when client.introspects is null then 'unauthorized_client'
               when token.client_id is null or not coalesce(token.resources && client.introspects, false)
                    or coalesce(token.account_id::text like 'client:%', false) then 'invalid_token'
               else 'ok'
           end as verdict
      from (select) as one
           left join client on true
           left join token on true
    offset 0    -- else the verdict is worked out again wherever it is read
)
select verdict,
       case verdict
           when 'invalid_client' then refusal
           when 'unauthorized_client' then 'not registered as a resource server'
           when 'invalid_token'
               then case
                        when $5::bytea is null then 'not of the form of an access token'
                        when client_id is null
                            then coalesce(oauth.token_fate($4::smallint, $5::bytea), 'no such token: made up, revoked, or long expired')
                        else 'its resources are: ' || array_to_string(resources, ' ') || ' (client ' || client_id || ')'
                    end
       end as detail,
       array_to_string(scope, ' ') as scope, client_id, account_id::text as account_id, username,
       array_to_string(case when resources <@ '{profile,contacts}' then resources else oauth.resource_uris(resources) end, ' ') as resources,
       floor(extract(epoch from issued_at))::bigint as issued, floor(extract(epoch from expires_at))::bigint as expires
  from judge;
