-- write: replaces a password hash of an old scheme by a new one of the same password; sessions and grants go on.
--
-- $1 account_id     $2 credential as read by login_begin     $3 new hash     $4 address     $5 request id
--
-- One row: verdict (ok), detail (why it was not done, null: it was).
with done as (
    select oauth.rehash($1, $2::text, $3::text) as done
), audited as (
    insert into oauth.audit (event, account_id, address, request_id)
    select 'rehash', $1::text, $4::inet, $5::text
      from done
     where done
)
select 'ok' as verdict, case when not done then 'the account changed, or is not in the shipped directory' end as detail
  from done;
