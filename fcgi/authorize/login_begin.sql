-- write: counts a password attempt before the password is looked at, so that parallel guesses can't pass the limit.
--
-- $1 user name or e-mail as typed     $2 HMAC of the folded name     $3 address (IPv6: its /64)
-- $4 attempts on an account and $5 from an address in 15 minutes     $6 form_time     $7 what was typed, in small letters
--
-- The user name goes first.  An e-mail, as typed or in small letters, finds who alone of the active has it.  Both are always looked
-- for, so that a known name does not answer sooner; each by a parameter as it stands, which a foreign directory can search for.
--
-- Counted are the name, whether somebody has it or not, so that the answer to another spelling tells nothing; the account, since a
-- directory may find it by many spellings; and the address.  Always in this order, so that two attempts never wait for each other
-- crosswise.  A key's time moves on by a step with each attempt and may be 15 minutes ahead of now.
--
-- An account whose id reads as a machine's subject counts as disabled: nothing of it could be told from the machine's.
--
-- One row: verdict (ok, too_many_attempts, form_late), detail, wait (seconds), account_id (null: nobody has the name), credential,
-- active, password_hash, namesakes (how many of the active have that e-mail; 2 may be more).
with named as (
    select id, credential, active and id::text not like 'client:%' as active, password_hash
      from directory.account
     where username = $1::text and $6::bigint > extract(epoch from now()) - 1800
     limit 1
), mailed as (
    (select id, credential, active, password_hash
       from directory.account
      where email = $1::text and active and id::text not like 'client:%'
        and $6::bigint > extract(epoch from now()) - 1800
      limit 2)
    union
    (select id, credential, active, password_hash
       from directory.account
      where email = $7::text and active and id::text not like 'client:%'
        and $6::bigint > extract(epoch from now()) - 1800
      limit 2)
), namesakes as (
    select count(*) as count from mailed
), person as (
    select id, credential, active, password_hash from named
    union all
    select id, credential, active, password_hash
      from mailed
     where (select count from namesakes) = 1 and not exists (select from named)
), keys as (
    select 1 as place, 'name ' || $2::text as key, interval '15 minutes' / $4::integer as step
    union all
    select 2, 'account ' || id, interval '15 minutes' / $4::integer from person
    union all
    select 3, 'address ' || $3::text, interval '15 minutes' / $5::integer
), counted as (
    insert into oauth.login_limit as l (key, full_until)
    select key, now() + step
      from keys
     where $6::bigint > extract(epoch from now()) - 1800
     order by place
    on conflict (key) do update
       set full_until = greatest(l.full_until, now()) + (excluded.full_until - now())
     where greatest(l.full_until, now()) + (excluded.full_until - now()) <= now() + interval '15 minutes 1 second'
    returning key
), judge as (
    select case
               when $6::bigint <= extract(epoch from now()) - 1800 then 'form_late'
               when (select count(*) from counted) < (select count(*) from keys) then 'too_many_attempts'
               else 'ok'
           end as verdict
)
select verdict,
       (select string_agg(key, ', ') from keys where verdict = 'too_many_attempts' and key not in (select key from counted)) as detail,
       greatest(1, (select ceil(extract(epoch from max(l.full_until + k.step - now() - interval '15 minutes')))
                      from keys k join oauth.login_limit l on l.key = k.key
                     where k.key not in (select key from counted)))::bigint as wait,
       person.id as account_id, person.credential, person.active, case when verdict = 'ok' then person.password_hash end as password_hash,
       namesakes.count as namesakes
  from judge
       cross join namesakes
       left join person on true;
