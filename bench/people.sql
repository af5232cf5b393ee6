-- What a busy installation holds beside clients: :people people with their contacts, :grants living grants, :tokens living tokens.
insert into directory.person (username, password_hash, name, email)
select 'person-' || n, '$y$j9T$' || md5(n::text) || '$' || md5('hash ' || n), 'Person ' || n, 'person-' || n || '@bench.example'
  from generate_series(1, :people) n;
-- Three contacts each, and for one in a hundred 150 more.
insert into directory.person_contact (owner_id, id, username, name, email)
select p.id, c, 'contact-' || c, 'Contact ' || c, 'contact-' || c || '@bench.example'
  from directory.person p
       cross join lateral generate_series(1, case when p.id % 100 = 0 then 153 else 3 end) c;

-- Living grants, redeemed some time ago.
insert into oauth.grants (id, client_id, account_id, credential, scope, resources, redirect_uri, redirect_uri_sent, code_challenge,
                          code_locator, code_digest, code_expires_at, code_redeemed_at, refresh_locator, refresh_digest, idle_until,
                          expires_at)
overriding system value
select 1000 + n, 'bench-' || n % 100, a.id, a.credential, '{profile,contacts}', '{profile,contacts}',
       'https://app.example/' || n % 100, true, bench.base64url(sha256(convert_to(bench.verifier(), 'UTF8'))),
       bench.locator('living', n), sha256(bench.random('living code', n)), now(), now(),
       bench.locator('living refresh', n), sha256(bench.random('living refresh', n)), now() + interval '30 days', now() + interval '1 year'
  from generate_series(1, :grants) n
       join directory.account a on a.id = 1 + n % :people;

call bench.tokens(1, :tokens, :grants);

vacuum analyze;
