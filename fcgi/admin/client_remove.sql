-- write: removes a client; its grants and so its tokens go with it.
--
-- $1 client_id     $2 operator
--
-- One row: removed.
with removed as (
    delete from oauth.client where client_id = $1::text returning client_id
), audited as (
    insert into oauth.audit (event, client_id, detail) select 'client_remove', client_id, $2::text from removed
)
select exists (select from removed) as removed;
