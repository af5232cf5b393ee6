-- write: judges an authorization request and keeps it (RFC 6749 4.1.1).
--
-- $1 client_id          $2 redirect_uri as sent, null: none
-- $3 the same without its port where it is http on a loopback address, else null (RFC 8252 7.3)
-- $4 what is wrong with the rest of the request, a name of error.def; null: nothing
-- $5 state              $6 scope, separated by single spaces, null: none
-- $7 code_challenge     $8 handle's digest      $9 digest of the browser's cookie, null: a POST, which brings none
-- $10 resources asked for, separated by single spaces: short names of ours, and URIs; null: none
--
-- One row: verdict (ok, that of $4, or what the registration does not allow), detail, redirect_uri (null while it isn't trusted), slot.
with judge as (
    select * from oauth.request_judged($1::text, $2::text, $3::text, $4::text, $6::text,
                                       array_to_string(oauth.resources($10::text), ' '), $7::text, false)
), kept as (
    insert into oauth.authorization_request
           (slot, digest, browser_digest, client_id, redirect_uri, redirect_uri_sent, state, scope, resources, code_challenge)
    select oauth.slot(now(), 3600), $8::bytea, $9::bytea, client_id, redirect_uri, $2::text is not null, $5::text,
           scope, resources, $7::text
      from judge
     where verdict = 'ok'
    returning slot
)
select verdict, detail, redirect_uri, (select slot from kept) as slot
  from judge;
