-- write: deletes device codes that expired a day ago, so many at most; until then their devices hear so.
--
-- $1 how many
--
-- One row: deleted.
with gone as (
    delete from oauth.device_code
     where digest = any (array(select digest
                                 from oauth.device_code
                                where expires_at <= now() - interval '1 day'
                                order by expires_at
                                limit $1::integer
                                  for update skip locked))
    returning digest
)
select count(*) as deleted from gone;
