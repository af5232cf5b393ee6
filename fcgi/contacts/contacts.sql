-- read: a page of the contacts of the person whom an access token acts for (RFC 6750).
--
-- $1 slot and $2 digest of the token     $3 true: it came in the query
-- $4 the owner that a cursor was made for and $5 the id after which it goes on, null: no cursor     $6 rows at most
--
-- Two arms, of which a run opens one: with a condition of both ("$5 is null or id > $5") a deep page would read all before it.
--
-- A row for each contact, at least one: verdict (ok, invalid_token, query_token_refused, insufficient_scope, bad_cursor), detail,
-- owner_id, id (null: no contact on this row), username.
with token as (
    select client_id, account_id, scope, resources, query_token
      from oauth.live_token
     where slot = $1::smallint and digest = $2::bytea
), judge as (
    select token.*,
           case
               when client_id is null then 'invalid_token'
               when $3::boolean and not query_token then 'query_token_refused'
               when not ('contacts' = any (resources)) then 'invalid_token'
               when not ('contacts' = any (scope)) or account_id is null then 'insufficient_scope'
               when $4::text is not null and $4::text is distinct from account_id::text then 'bad_cursor'
               else 'ok'
           end as verdict
      from (select) as one
           left join token on true
    offset 0    -- else the verdict is worked out again wherever it is read
)
select j.verdict,
       case j.verdict
           when 'invalid_token'
               then case
                        when $2::bytea is null then 'not of the form of an access token'
                        when j.client_id is null
                            then coalesce(oauth.token_fate($1::smallint, $2::bytea), 'no such token: made up, revoked, or long expired')
                        else 'its resources are: ' || array_to_string(j.resources, ' ') || ' (client ' || j.client_id || ')'
                    end
           when 'insufficient_scope' then 'its scope is: ' || array_to_string(j.scope, ' ') || ' (client ' || j.client_id || ')'
           when 'query_token_refused' then 'client ' || j.client_id || ' is not registered for tokens in the query'
           when 'bad_cursor' then 'the cursor was made for another person'
       end as detail,
       j.account_id as owner_id, c.id, c.username
  from judge j
       left join lateral (
           (select id, username
              from directory.contact
             where j.verdict = 'ok' and owner_id = j.account_id and id > $5
             order by id
             limit $6::integer)
           union all
           (select id, username
              from directory.contact
             where j.verdict = 'ok' and $5 is null and owner_id = j.account_id
             order by id
             limit $6::integer)) c on true
 order by c.id;
