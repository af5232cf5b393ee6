-- write: deletes device codes a day after their end, so many at most: until then a device hears expired_token, and a code that is used
-- twice ends its grant.
--
-- $1 how many
--
-- One row: deleted.
with ended as materialized (
    select digest
      from oauth.device_code
     where expires_at <= now() - interval '1 day'
     order by expires_at
     limit $1::integer
       for update skip locked
), gone as (
    delete from oauth.device_code d
     using ended
     where d.digest = ended.digest
    returning d.digest
)
select count(*) as deleted from gone;
