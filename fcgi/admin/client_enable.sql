-- write: enables or disables a client; while it is disabled, none of its tokens is good.
--
-- $1 client_id     $2 true: enable, false: disable     $3 operator
--
-- One row: verdict (ok, unknown_client, already).
with old as (
    select client_id, enabled from oauth.client where client_id = $1::text for update
), made as (
    update oauth.client c
       set enabled = $2::boolean
      from old
     where c.client_id = old.client_id and old.enabled <> $2::boolean
    returning c.client_id
), audited as (
    insert into oauth.audit (event, client_id, detail)
    select case when $2::boolean then 'client_enable' else 'client_disable' end, client_id, $3::text from made
)
select case
           when exists (select from made) then 'ok'
           when exists (select from old) then 'already'
           else 'unknown_client'
       end as verdict;
