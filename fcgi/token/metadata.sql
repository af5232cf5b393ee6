-- read: what the authorization server's metadata takes from the database (RFC 8414 2).
--
-- (The condition says nothing of a scope; it makes this a look-up in the index, as all else is.)
--
-- One row: verdict (ok), detail, scopes (separated by single spaces).
select 'ok' as verdict, null::text as detail,
       (select string_agg(scope, ' ' order by scope) from oauth.scope where scope > '') as scopes;
