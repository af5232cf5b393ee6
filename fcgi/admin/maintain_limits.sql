-- write: forgets attempts to sign in that limit nobody any more, so many at most.
--
-- $1 how many
--
-- One row: deleted.
with gone as (
    delete from oauth.login_limit
     where key = any (array(select key
                              from oauth.login_limit
                             where full_until <= now()
                             order by full_until
                             limit $1::integer
                               for update skip locked))
    returning key
)
select count(*) as deleted from gone;
