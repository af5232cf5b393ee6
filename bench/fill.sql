-- Clients, and how more is made.
--
-- Every secret follows from a number, so that a generator can spell it: its random bytes are SHA-256 of "KIND NUMBER".
create schema bench;
create table bench.ring as select oauth.slot(now(), 86400) as slot;

create function bench.base64url(bytes bytea) returns text language sql immutable
    return rtrim(translate(encode(bytes, 'base64'), '+/', '-_'), '=');
create function bench.random(kind text, n bigint) returns bytea language sql immutable
    return sha256(convert_to(kind || ' ' || n, 'UTF8'));
create function bench.locator(kind text, n bigint) returns bytea language sql immutable
    return substr(sha256(convert_to(kind || ' locator ' || n, 'UTF8')), 1, 16);
create function bench.spelled(text text) returns text language sql immutable
    return text || bench.base64url(substr(sha256(convert_to(text, 'UTF8')), 1, 4));
create function bench.access_token(n bigint) returns text language sql stable
    return bench.spelled('psta_' || (select slot from bench.ring) || bench.base64url(bench.random('token', n)));
create function bench.secret() returns text language sql immutable
    return bench.spelled('psts_' || bench.base64url(bench.random('secret', 1)));
create function bench.basic(id text) returns text language sql immutable
    return 'Basic ' || replace(encode(convert_to(id || ':' || bench.secret(), 'UTF8'), 'base64'), chr(10), '');
create function bench.verifier() returns text language sql immutable
    return bench.base64url(bench.random('verifier', 1));

insert into oauth.scope (scope, needs_person) values ('jobs', false);
insert into oauth.client (client_id, name, type, auth_method, redirect_uris, grant_types, scope, default_scope, introspects)
select 'bench-' || n, 'Client ' || n, 'confidential', 'client_secret_post', array['https://app.example/' || n],
       '{authorization_code,refresh_token}'::text[], '{profile,contacts}'::text[], '{profile,contacts}'::text[], null::text[]
  from generate_series(0, 99) n
union all
select 'machine-' || n, 'Machine ' || n, 'confidential', 'client_secret_post', '{}', '{client_credentials}', '{jobs}', '{jobs}', null
  from generate_series(0, 9) n
union all
select 'server-' || n, 'Resource server ' || n, 'confidential', 'client_secret_basic', '{}', '{}', '{}', '{}', '{profile,contacts}'
  from generate_series(0, 3) n;
insert into oauth.client_secret (client_id, digest)
select client_id, sha256(bench.random('secret', 1)) from oauth.client where client_id ~ '^(bench|machine|server)-';
insert into oauth.grants (client_id, scope, resources, expires_at)
select client_id, scope, resources, 'infinity' from oauth.client where client_id ~ '^machine-';

-- Living tokens of these numbers, each grant's turn after the other's.
create procedure bench.tokens(first bigint, last bigint, grants bigint) language sql as $$
    insert into oauth.access_token (slot, digest, grant_id, scope, resources, expires_at)
    select slot, sha256(bench.random('token', n)), 1001 + (n - 1) % grants, '{profile,contacts}', '{profile,contacts}',
           now() + interval '1 day'
      from bench.ring, generate_series(first, last) n;
$$;
-- Grants from :base on, :count of them: each with a code and with a refresh token that nobody has used.
create procedure bench.fresh(base bigint, count bigint, people bigint) language sql as $$
    insert into oauth.grants (id, client_id, account_id, credential, scope, resources, redirect_uri, redirect_uri_sent,
                              code_challenge, code_locator, code_digest, code_expires_at, refresh_locator, refresh_digest, idle_until,
                              expires_at)
    overriding system value
    select 100000000 + n, 'bench-' || n % 100, a.id, a.credential, '{profile,contacts}', '{profile,contacts}',
           'https://app.example/' || n % 100, true, bench.base64url(sha256(convert_to(bench.verifier(), 'UTF8'))),
           bench.locator('code', n), sha256(bench.random('code', n)), now() + interval '1 day',
           bench.locator('refresh', n), sha256(bench.random('refresh', n)), now() + interval '30 days', now() + interval '1 year'
      from generate_series(base, base + count - 1) n
           join directory.account a on a.id = 1 + n % people;
$$;
