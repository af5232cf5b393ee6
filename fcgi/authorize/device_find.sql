-- write: counts a user code that a signed-in person typed, then looks for the request that it names (RFC 8628 3.3, 5.1).
--
-- $1 digest of the session's cookie     $2 HMACs of the code by each key of the keyring     $3 address (IPv6: its /64)
-- $4 codes of an account and $5 from an address in 15 minutes     $6 form_time     $7 language of the page
--
-- Counted are the account and the address, always in this order, as login_begin does; device_decide gives it back, so only wrong codes
-- count.  A code that is unknown, decided or expired is all the same.
--
-- A row for each scope, at least one: verdict (ok, form_late, login_required, too_many_attempts, user_code_wrong), detail, wait
-- (seconds), client, username, form_time, sentence.
with session as (
    select account_id, username
      from oauth.live_session
     where digest = $1::bytea
), keys as (
    select 1 as place, 'device account ' || account_id as key, interval '15 minutes' / $4::integer as step from session
    union all
    select 2, 'device address ' || $3::text, interval '15 minutes' / $5::integer from session
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
), found as (
    select d.scope, d.decision, d.expires_at, c.client_id, c.name,
           coalesce(c.enabled and 'urn:ietf:params:oauth:grant-type:device_code' = any (c.grant_types)
                    and d.created_at >= c.changed_at, false) as registered     -- not one registered otherwise since
      from oauth.device_code d
           join oauth.client c on c.client_id = d.client_id
     where d.user_code = any ($2::bytea[])
), judge as (
    select found.*,
           case
               when $6::bigint <= extract(epoch from now()) - 1800 then 'form_late'
               when not exists (select from session) then 'login_required'
               when (select count(*) from counted) < (select count(*) from keys) then 'too_many_attempts'
               when found.client_id is null or not found.registered or found.decision is not null or found.expires_at <= now()
                   then 'user_code_wrong'
               else 'ok'
           end as verdict
      from (select) as one
           left join found on true
     limit 1
)
select j.verdict,
       case j.verdict
           when 'too_many_attempts' then (select string_agg(key, ', ') from keys where key not in (select key from counted))
           when 'user_code_wrong' then case when j.client_id is null then 'no request has this code'
                                            when not j.registered then 'the client may not use it any more'
                                            when j.decision is not null then 'it was ' || j.decision || ' already'
                                            else 'it expired at ' || j.expires_at end
       end as detail,
       greatest(1, (select ceil(extract(epoch from max(l.full_until + k.step - now() - interval '15 minutes')))
                      from keys k join oauth.login_limit l on l.key = k.key
                     where k.key not in (select key from counted)))::bigint as wait,
       case when j.verdict = 'ok' then j.name end as client, s.username, extract(epoch from now())::bigint as form_time,
       coalesce(t.sentence, w.scope) as sentence
  from judge j
       left join session s on true
       left join lateral unnest(j.scope) with ordinality as w (scope, position) on j.verdict = 'ok'
       left join oauth.scope_sentence t on t.scope = w.scope and t.language = $7::text
 order by w.position;
