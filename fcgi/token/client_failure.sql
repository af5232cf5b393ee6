-- write: counts a client authentication that has failed: one row a minute for each client and address, however many they are.
--
-- $1 client_id, null: none, or malformed     $2 address (IPv6: its /64)     $3 failures from an address in a minute
-- $4 request id
--
-- An id that nobody has counts as none, so that made-up ones make no rows; the work is the same.  Above the limit is who has had
-- more failures in this minute or in the last.  Nobody waits for the disk: racers of one address queue at its row, and what a crash may
-- lose is a count.
--
-- One row: verdict (invalid_client, too_many_guesses), detail, wait (seconds; null: none).
with clock as (
    select date_trunc('minute', now()) as minute, oauth.failure_address(date_trunc('minute', now()), 'client', $2::text) as address,
           set_config('synchronous_commit', 'off', true) as at_ease
), counted as (
    insert into oauth.failure as f (minute, event, address, subject, count, request_id)
    select minute, 'client', address, coalesce((select client_id from oauth.client where client_id = $1::text), ''), 1, $4::text
      from clock
    on conflict (minute, event, address, subject) do update
       set count = f.count + 1, request_id = $4::text
    returning minute, address, subject, count
), seen as (
    select c.minute, c.address,
           c.count + coalesce((select sum(f.count)
                                 from oauth.failure f
                                where f.minute = c.minute and f.event = 'client' and f.address = c.address
                                  and f.subject <> c.subject), 0) as this_minute,
           coalesce((select sum(f.count)
                       from oauth.failure f
                      where f.minute = c.minute - interval '1 minute' and f.event = 'client' and f.address = c.address), 0)
               as last_minute
      from counted c
)
select case when greatest(this_minute, last_minute) > $3::integer then 'too_many_guesses' else 'invalid_client' end as verdict,
       this_minute || ' failures from ' || address || ' in this minute, ' || last_minute || ' in the last' as detail,
       case
           when this_minute > $3::integer then ceil(extract(epoch from minute + interval '2 minutes' - now()))
           when last_minute > $3::integer then ceil(extract(epoch from minute + interval '1 minute' - now()))
       end::bigint as wait
  from seen;
