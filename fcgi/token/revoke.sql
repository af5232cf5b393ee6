-- write: revokes a token (RFC 7009 2).
--
-- $1 client_id     $2 digest of the client's secret, null: none sent     $3 how it came: basic, post, none
-- $4 slot and $5 digest of the token, null: not of the form of an access token
-- $6 locator and $7 digest of its secret part, null: not of the form of a refresh token     $8 address     $9 request id
--
-- A refresh token ends its grant, and so all tokens of it; an access token only itself.  One that nobody has, or that was replaced
-- before the one before, is no error (2.2).  The grant is locked first: a refresh that races is then seen.
--
-- One row: verdict (ok, invalid_client, invalid_grant), detail.
with client as (
    select client_id, authentic, refusal
      from oauth.client_authentic($1::text, $2::bytea, $3::text)
), access as (
    select g.id, g.client_id, g.account_id
      from oauth.access_token t
           join oauth.grants g on g.id = t.grant_id
     where t.slot = $4::smallint and t.digest = $5::bytea and exists (select from client where authentic)
), family as (
    select g.id, g.client_id, g.account_id, g.ended_at is null as living
      from oauth.grants g
     where g.refresh_locator = $6::bytea and $7::bytea in (g.refresh_digest, g.refresh_previous_digest)
       and exists (select from client where authentic)
       for update
), judge as (
    select client.client_id, client.refusal, access.id as access_grant, family.id as family_grant, family.living,
           coalesce(access.client_id, family.client_id) as owner_id, coalesce(access.account_id, family.account_id) as account_id,
           case
               when not coalesce(client.authentic, false) then 'invalid_client'
               when coalesce(access.client_id, family.client_id) <> client.client_id then 'invalid_grant'
               else 'ok'
           end as verdict
      from (select) as one
           left join client on true
           left join access on true
           left join family on true
), ended as (
    update oauth.grants g
       set ended_at = now(), ended_why = 'revoked'
      from judge j
     where g.id = j.family_grant and j.verdict = 'ok' and j.living
    returning g.id, 'refresh_token' as what
), removed as (
    delete from oauth.access_token t
     using judge j
     where t.slot = $4::smallint and t.digest = $5::bytea and j.access_grant is not null and j.verdict = 'ok'
    returning t.grant_id as id, 'access_token' as what
), audited as (
    insert into oauth.audit (event, client_id, account_id, grant_id, address, request_id, detail)
    select 'revocation', j.client_id, j.account_id::text, done.id, $8::inet, $9::text, done.what
      from judge j
           cross join (select id, what from ended union all select id, what from removed) done
)
select verdict,
       case verdict when 'invalid_client' then refusal when 'invalid_grant' then 'the token was issued to ' || owner_id end as detail
  from judge;
