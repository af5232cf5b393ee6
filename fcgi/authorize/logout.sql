-- write: ends the browser's session, and the grants that end with it.
--
-- $1 digest of the session's cookie     $2 form_time     $3 address     $4 request id
--
-- One row: verdict (ok, form_late), detail.  A session that has ended already is no error.
with late as (
    select $2::bigint <= extract(epoch from now()) - 1800 as late
), ended as (
    update oauth.session set ended_at = now()
     where digest = $1::bytea and ended_at is null and not (select late from late)
    returning id, account_id
), grants_ended as (
    update oauth.grants g set ended_at = now(), ended_why = 'logout'
      from ended e, oauth.client c
     where g.session_id = e.id and g.ended_at is null and c.client_id = g.client_id and c.logout_ends_grants
), audited as (
    insert into oauth.audit (event, account_id, address, request_id)
    select 'logout', account_id::text, $3::inet, $4::text
      from ended
)
select case when late then 'form_late' else 'ok' end as verdict, null as detail
  from late;
