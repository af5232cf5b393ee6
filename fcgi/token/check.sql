-- read: whether an access token is good for what an administrator protects, and whose it is (RFC 6750).
--
-- $1 slot and $2 digest of the token, null: none, or malformed     $3 short name of the resource that it must be for
-- $4 scopes that it must have, separated by single spaces
--
-- A token of an account whose id reads as a machine's subject counts for nobody.
--
-- One row: verdict (ok, invalid_token, insufficient_scope), detail, subject (client:ID: a machine's own), client_id, scope; where it is
-- refused uri (of the resource, or its short name where that is a setting; null: there is no such resource).
with token as (
    select client_id, account_id, scope, resources
      from oauth.live_token
     where slot = $1::smallint and digest = $2::bytea
), judge as (
    select token.*,
           case
               when client_id is null or ($3::text = any (resources)) is not true
                    or coalesce(account_id::text like 'client:%', false) then 'invalid_token'
               when (string_to_array($4::text, ' ') <@ scope) is not true then 'insufficient_scope'
               else 'ok'
           end as verdict
      from (select) as one
           left join token on true
    offset 0    -- else the verdict is worked out again wherever it is read
)
select verdict,
       case verdict
           when 'invalid_token'
               then case
                        when $2::bytea is null then 'not of the form of an access token'
                        when client_id is null
                            then coalesce(oauth.token_fate($1::smallint, $2::bytea), 'no such token: made up, revoked, or long expired')
                        else 'its resources are: ' || array_to_string(resources, ' ') || ' (client ' || client_id || ')'
                    end
           when 'insufficient_scope' then 'its scope is: ' || array_to_string(scope, ' ') || ' (client ' || client_id || ')'
       end as detail,
       coalesce(account_id::text, 'client:' || client_id) as subject, client_id, array_to_string(scope, ' ') as scope,
       case when verdict <> 'ok' then (oauth.resource_uris(array[$3::text]))[1] end as uri
  from judge;
