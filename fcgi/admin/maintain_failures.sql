-- write: deletes counted failures as old as the months of the audit that go, so many at most.
--
-- $1 how many     $2 whole months that are kept before this one
--
-- Nobody writes to a row whose minute is over.
--
-- One row: deleted.
with old as (
    select minute, event, address, subject
      from oauth.failure
     where minute < date_trunc('month', now()) - make_interval(months => greatest($2::integer, 1))
     order by minute
     limit $1::integer
), gone as (
    delete from oauth.failure f
     using old
     where f.minute = old.minute and f.event = old.event and f.address = old.address and f.subject = old.subject
    returning f.minute
)
select count(*) as deleted from gone;
