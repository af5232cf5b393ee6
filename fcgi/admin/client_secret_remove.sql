-- write: ends one of a client's two valid secrets; the other one has no end from then on.
--
-- $1 client_id     $2 true: the newer one, false: the older one     $3 operator
--
-- One row: verdict (ok, unknown_client, one: there are no two).
with client as (
    select client_id from oauth.client where client_id = $1::text for update
), valid as (
    select count(*) as n
      from oauth.client_secret s
     where s.client_id = $1::text and (s.expires_at is null or s.expires_at > now())
), judge as (
    select client.client_id,
           case when client.client_id is null then 'unknown_client' when valid.n < 2 then 'one' else 'ok' end as verdict
      from valid
           left join client on true
), gone as (
    delete from oauth.client_secret s
     using judge j
     where s.client_id = j.client_id and j.verdict = 'ok' and (s.expires_at <= now() or (s.expires_at is null) = $2::boolean)
    returning 1
), lasting as (
    update oauth.client_secret s
       set expires_at = null
      from judge j, (select count(*) from gone) as after_gone
     where s.client_id = j.client_id and j.verdict = 'ok' and $2::boolean and s.expires_at > now()
), audited as (
    insert into oauth.audit (event, client_id, detail) select 'client_secret_end', client_id, $3::text from judge where verdict = 'ok'
)
select verdict from judge;
