-- write: gives a client a new secret; the one before is good for a while yet.
--
-- $1 client_id     $2 digest of the new secret     $3 seconds that the old one is still good for, 0: it ends at once     $4 operator
--
-- Of the secrets of a client one has no end; no more than two are valid.  What goes, goes before the new one comes: there is an index
-- that knows one without end.
--
-- One row: verdict (ok, unknown_client, no_secret: it doesn't authenticate by one, two: it has two already), until (null: the old one
-- has ended).
with client as (
    select client_id, auth_method from oauth.client where client_id = $1::text for update
), valid as (
    select count(*) as n
      from oauth.client_secret s
     where s.client_id = $1::text and (s.expires_at is null or s.expires_at > now())
), judge as (
    select client.client_id,
           case
               when client.client_id is null then 'unknown_client'
               when not starts_with(client.auth_method, 'client_secret') then 'no_secret'
               when $3::bigint > 0 and valid.n > 1 then 'two'
               else 'ok'
           end as verdict
      from valid
           left join client on true
), gone as (
    delete from oauth.client_secret s
     using judge j
     where s.client_id = j.client_id and j.verdict = 'ok' and ($3::bigint = 0 or s.expires_at <= now())
    returning 1
), kept as (
    update oauth.client_secret s
       set expires_at = now() + make_interval(secs => $3::bigint)
      from judge j
     where s.client_id = j.client_id and j.verdict = 'ok' and $3::bigint > 0 and s.expires_at is null
    returning s.expires_at
), made as (
    insert into oauth.client_secret (client_id, digest)
    select j.client_id, $2::bytea
      from judge j, (select count(*) from gone) as after_gone, (select count(*) from kept) as after_kept
     where j.verdict = 'ok'
), audited as (
    insert into oauth.audit (event, client_id, detail) select 'client_secret', client_id, $4::text from judge where verdict = 'ok'
)
select verdict, to_char((select expires_at from kept) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as until
  from judge;
