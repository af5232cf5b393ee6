-- write: counts a login that was refused: one row a minute for each account and address, however many they are.
--
-- $1 account_id, null: nobody has the name     $2 address (IPv6: its /64)     $3 request id
--
-- Nobody waits for the disk: what a crash may lose is a count.
--
-- One row: verdict (ok), detail.
with clock as (
    select date_trunc('minute', now()) as minute, oauth.failure_address(date_trunc('minute', now()), 'login', $2::text) as address,
           set_config('synchronous_commit', 'off', true) as at_ease
), counted as (
    insert into oauth.failure as f (minute, event, address, subject, count, request_id)
    select minute, 'login', address, coalesce($1::text, ''), 1, $3::text
      from clock
    on conflict (minute, event, address, subject) do update
       set count = f.count + 1, request_id = $3::text
)
select 'ok' as verdict, null as detail;
