-- read: schemes and costs of the directory's password hashes: by them a name that nobody has costs what others do (SE-4).
--
-- No parameter.  Looked at are some accounts all over the ids, 768 at most; no salt and no digest leaves it.
--
-- A row for each scheme and cost, the most frequent first, 16 at most and one at least: verdict (ok), detail, setting (a hash with
-- the digits of salt and digest all 0; null: none is there), accounts (how many of the sample have it), rehashes (an old hash may
-- be replaced).
with sample as (
    (select id, active, password_hash from directory.account limit 256)
    union
    select a.id, a.active, a.password_hash
      from oauth.account_points() as p (point)
           cross join lateral (select id, active, password_hash from directory.account where id >= p.point limit 8) a
), kinds as (
    select setting, count(*) as accounts
      from sample
           cross join lateral (select oauth.password_setting(password_hash) as setting offset 0) s
     where active and setting is not null
     group by setting
     order by accounts desc, setting
     limit 16
)
select 'ok' as verdict, null as detail, setting, coalesce(accounts, 0) as accounts, oauth.rehashes() as rehashes
  from (select) as one
       left join kinds on true
 order by accounts desc, setting;
