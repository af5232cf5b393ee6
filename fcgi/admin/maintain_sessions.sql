-- write: deletes sessions that have expired, so many at most.
--
-- $1 how many
--
-- One row: deleted.
with gone as (
    delete from oauth.session
     where id = any (array(select id
                             from oauth.session
                            where (expires_at at time zone 'UTC') <= (now() at time zone 'UTC')
                            order by expires_at at time zone 'UTC'
                            limit $1::integer
                              for update skip locked))
    returning id
)
select count(*) as deleted from gone;
