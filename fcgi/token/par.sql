-- write: judges a pushed authorization request and keeps it (RFC 9126 2).
--
-- $1 client_id     $2 digest of the client's secret, null: none sent     $3 how it came: basic, post, none
-- $4 redirect_uri as sent, null: none     $5 the same without its port, where it is http on a loopback address, else null
-- $6 what is wrong with the rest of the request, a name of error.def; null: nothing     $7 state
-- $8 scope and $9 resources (short names of ours, and URIs), separated by single spaces, null: the client's default     $10 code_challenge
-- $11 digest of the new request_uri     $12 its life in seconds
--
-- One row: verdict (ok, invalid_client, redirect_uri_not_registered, that of $6, or what the registration does not allow), detail, slot,
-- expires_in.
with client as (
    select authentic, refusal from oauth.client_authentic($1::text, $2::bytea, $3::text)
), judge as (
    select request.client_id, request.redirect_uri, request.scope, request.resources,
           case
               when not coalesce(client.authentic, false) then 'invalid_client'
               when request.verdict = 'bad_redirect_uri' then 'redirect_uri_not_registered'
               else request.verdict
           end as verdict,
           case when coalesce(client.authentic, false) then request.detail else client.refusal end as detail
      from (select) as one
           left join client on true
           left join oauth.request_judged($1::text, $4::text, $5::text, $6::text, $8::text,
                                      array_to_string(oauth.resources($9::text), ' '), $10::text, true) request on true
), kept as (
    insert into oauth.pushed_request
           (slot, digest, client_id, redirect_uri, redirect_uri_sent, state, scope, resources, code_challenge, expires_at)
    select oauth.slot(now() + make_interval(secs => $12::integer), 3600), $11::bytea, client_id, redirect_uri, $4::text is not null,
           $7::text, scope, resources, $10::text, now() + make_interval(secs => $12::integer)
      from judge
     where verdict = 'ok'
    returning slot, expires_at
)
select verdict, detail, kept.slot, extract(epoch from kept.expires_at - now())::bigint as expires_in
  from judge
       left join kept on true;
