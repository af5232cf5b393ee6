-- read: do all people seem to sign in from one address, as they do behind a balancer that nginx's realip does not know?
--
-- No parameter.  One row: logins (looked at), only_address (null: they are few, or of many addresses).
with newest as (
    select address from oauth.audit where event = 'login' and address is not null order by at desc limit 100
)
select count(*) as logins, case when count(*) >= 100 and count(distinct address) = 1 then min(host(address)) end as only_address
  from newest;
