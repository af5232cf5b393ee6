-- read: whether scripts of pages of an origin may read the answer to a request (CORS).
--
-- $1 origin     $2 client_id that the request names, null: none     $3 slot and $4 digest of its access token, null: none
--
-- A request without client and without living token is answered for an origin of any client.
--
-- One row: verdict (ok), detail, allowed.
with asking as (
    select coalesce($2::text, (select client_id from oauth.live_token where slot = $3::smallint and digest = $4::bytea)) as client_id
)
select 'ok' as verdict, null::text as detail,
       case
           when client_id is null then exists (select from oauth.client_origin o where o.origins @> array[$1::text])
           else exists (select from oauth.client_origin o where o.client_id = asking.client_id and $1::text = any (o.origins))
       end as allowed
  from asking;
