-- write: deletes grants of people that are of no more use before they expire, of the next so many that it looks at.
--
-- $1 how many
--
-- They were ended, their refresh token was not used for too long, or their code was never redeemed.  No index leads to them, since
-- with one each refresh would touch all indexes of the row.  Two days later than their end, no access token of theirs can be alive: it
-- lives a day at most, and is issued 10 minutes after the last rotation at the latest.  A machine's grant has no person, and stays.
--
-- One row: looked (how many there were to look at), deleted.
with place as (
    select walked_to from oauth.maintenance where only_row
), slice as (
    select max(id) as last, count(*) as looked
      from (select id from oauth.grants where id > (select walked_to from place) order by id limit $1::integer) s
), gone as (
    delete from oauth.grants
     where id = any (array(select id
                             from oauth.grants
                            where id > (select walked_to from place) and id <= (select last from slice)
                              and account_id is not null
                              and coalesce(ended_at, idle_until, code_redeemed_at, code_expires_at, created_at)
                                  <= now() - interval '2 days'
                              for update skip locked))
    returning id
), moved as (
    update oauth.maintenance
       set walked_to = case when slice.looked < $1::integer then 0 else slice.last end
      from slice
     where only_row
)
select looked, (select count(*) from gone) as deleted from slice;
