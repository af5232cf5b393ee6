-- read: whether scripts of pages of an origin may read the answer to a request (CORS).
--
-- $1 origin     $2 slot and $3 digest of the request's access token, null: none
--
-- A request without living token is answered for an origin of any client.
--
-- One row: verdict (ok), detail, allowed.
with asking as (
    select (select client_id from oauth.live_token where slot = $2::smallint and digest = $3::bytea) as client_id
)
select 'ok' as verdict, null::text as detail,
       case
           when client_id is null then exists (select from oauth.client_origin o where o.origins @> array[$1::text])
           else exists (select from oauth.client_origin o where o.client_id = asking.client_id and $1::text = any (o.origins))
       end as allowed
  from asking;
