-- read: the person whom an access token acts for (RFC 6750).
--
-- $1 slot and $2 digest of the token     $3 true: it came in the query
--
-- One row: verdict (ok, invalid_token, query_token_refused, insufficient_scope), detail, account_id, username.
with token as (
    select client_id, account_id, username, scope, resources, query_token
      from oauth.live_token
     where slot = $1::smallint and digest = $2::bytea
), judge as (
    select token.*,
           case
               when client_id is null then 'invalid_token'
               when $3::boolean and not query_token then 'query_token_refused'
               when not ('profile' = any (resources)) then 'invalid_token'
               when not ('profile' = any (scope)) or account_id is null then 'insufficient_scope'
               else 'ok'
           end as verdict
      from (select) as one
           left join token on true
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
           when 'query_token_refused' then 'client ' || client_id || ' is not registered for tokens in the query'
       end as detail,
       account_id, username
  from judge;
