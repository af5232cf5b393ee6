-- write: the sample client goes; a new one with a new secret follows.
--
-- $1 client_id
--
-- One row: removed.
with removed as (
    delete from oauth.client where client_id = $1::text and sample returning client_id
)
select exists (select from removed) as removed;
