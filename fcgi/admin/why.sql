-- read: what audit and counted failures have of a request.
--
-- $1 request id     $2 about when it was, null: not known, then all of the audit is read
--
-- A row for each, none is possible: kind (audit, failures), time, event, client, account, grant, address, detail, count.
select 'audit' as kind, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as time, event, client_id as client,
       account_id as account, grant_id as grant, host(address) as address, detail, null as count
  from oauth.audit
 where request_id = $1::text
   and ($2::timestamptz is null or at between $2::timestamptz - interval '1 hour' and $2::timestamptz + interval '1 hour')
union all
select 'failures', to_char(minute at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'), event,
       case event when 'client' then nullif(subject, '') end, case event when 'login' then nullif(subject, '') end, null, address,
       null, count
  from oauth.failure
 where request_id = $1::text
 order by time;
