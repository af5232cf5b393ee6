-- write: the password was right: a new session, if the account is still the one that was read.
--
-- $1 account_id     $2 credential as read by login_begin     $3 digest of the new session's cookie
-- $4 digest of the browser's old session's cookie, null: none     $5 idle and $6 absolute life in seconds
-- $7 address     $8 address (IPv6: its /64)     $9 attempts on an account and $10 from an address in 15 minutes     $11 request id
-- $12 HMAC of the folded name
--
-- The attempt is given back, so that only wrong ones count.
--
-- One row: verdict (ok, wrong_password), detail.
with person as (
    select id, credential
      from directory.account
     where id = $1 and active and credential is not distinct from $2::text
), made as (
    insert into oauth.session (digest, account_id, credential, idle_seconds, expires_at, address)
    select $3::bytea, id, credential, $5::integer, now() + make_interval(secs => $6::integer), $7::inet
      from person
    returning id
), replaced as (
    update oauth.session set ended_at = now()
     where digest = $4::bytea and ended_at is null and exists (select from person)
), counted as (       -- locked in login_begin's order, so that the two never wait for each other crosswise
    select l.key, k.step
      from (select 1 as place, 'name ' || $12::text as key, interval '15 minutes' / $9::integer as step from person
            union all
            select 2, 'account ' || id, interval '15 minutes' / $9::integer from person
            union all
            select 3, 'address ' || $8::text, interval '15 minutes' / $10::integer from person) k
           join oauth.login_limit l on l.key = k.key
     order by k.place
       for update of l
), given_back as (
    update oauth.login_limit l
       set full_until = l.full_until - counted.step
      from counted
     where l.key = counted.key
), audited as (
    insert into oauth.audit (event, account_id, address, request_id)
    select 'login', id::text, $7::inet, $11::text
      from person
)
select case when exists (select from made) then 'ok' else 'wrong_password' end as verdict,
       case when not exists (select from made) then 'the account changed while its password was checked' end as detail;
