-- read: the person whom an access token acts for (RFC 6750).
--
-- $1 slot and $2 digest of the token     $3 true: it came in the query
--
-- One row: verdict (ok, invalid_token, query_token_refused, insufficient_scope), detail, account_id, username.
select verdict, detail, account_id, username
  from oauth.bearer_judged($1::smallint, $2::bytea, $3::boolean, 'profile');
