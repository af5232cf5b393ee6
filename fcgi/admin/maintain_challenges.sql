-- write: forgets the code_challenges of codes that have expired, so many at most.
--
-- $1 how many
--
-- One row: deleted.
with ended as materialized (
    select client_id, challenge
      from oauth.challenge_use
     where expires_at <= now()
     order by expires_at
     limit $1::integer
       for update skip locked
), gone as (
    delete from oauth.challenge_use u
     using ended
     where u.client_id = ended.client_id and u.challenge = ended.challenge
    returning u.client_id
)
select count(*) as deleted from gone;
