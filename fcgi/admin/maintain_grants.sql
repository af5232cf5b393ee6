-- write: deletes grants of people that have expired, so many at most; nothing of such a one is good any more.
--
-- $1 how many
--
-- One row: deleted.  A row that a request has locked is left for the next time: nothing here waits, so nobody waits in a circle.
with gone as (
    delete from oauth.grants
     where id = any (array(select id
                             from oauth.grants
                            where expires_at <= now() and account_id is not null
                            order by expires_at
                            limit $1::integer
                              for update skip locked))
    returning id
)
select count(*) as deleted from gone;
