-- read: what the authorization server's metadata takes from the database (RFC 8414 2).
--
-- (The conditions say nothing of a scope or resource; they make these look-ups in the index, as all else is.)
--
-- One row: verdict (ok), detail, scopes and resources (separated by single spaces).
select 'ok' as verdict, null::text as detail,
       (select string_agg(scope, ' ' order by scope) from oauth.scope where scope > '') as scopes,
       (select string_agg(coalesce(uri, resource), ' ' order by uri nulls first, resource desc) from oauth.resource
         where resource > '') as resources;
