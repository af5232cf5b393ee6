-- write: gives the sample client, where it is, a new secret, and whatever else an earlier call or somebody changed of it.
--
-- $1 client_id     $2 digest of the new secret     $3 redirect_uri, null: it stays     $4 operator
--
-- One row: there.
with renewed as (
    update oauth.client
       set auth_method = 'client_secret', pkce_required = false, par_required = false, query_token = true, enabled = true,
           redirect_uris = case when $3::text is null then redirect_uris else array[$3::text] end,
           grant_types = case when $3::text is null or 'authorization_code' = any (grant_types) then grant_types
                              else array_prepend('authorization_code', grant_types) end,
           changed_at = case when $3::text is null or redirect_uris = array[$3::text] then changed_at else now() end
     where client_id = $1::text and sample
    returning client_id
), gone as (        -- before the new one comes: there is an index that knows one secret without end
    delete from oauth.client_secret where client_id in (select client_id from renewed) returning 1
), secret as (
    insert into oauth.client_secret (client_id, digest)
    select client_id, $2::bytea from renewed, (select count(*) from gone) as after_gone
), audited as (
    insert into oauth.audit (event, client_id, detail) select 'client_secret', client_id, $4::text from renewed
)
select exists (select from renewed) as there;
