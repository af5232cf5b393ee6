-- Signing in by e-mail, and what Postern may know of the directory's password hashes without seeing them.

create index person_email on directory.person (email);
comment on column directory.account.email is 'E-mail address; signs in like the user name where exactly one active account has it.';
comment on column directory.account.password_hash is 'Of a scheme that Postern verifies (doc/passwords.md); only the authorize role may read it.';
comment on column directory.person.password_hash is 'Of a scheme that Postern verifies; null: nobody can sign in with a password.';

-- Scheme and cost alone: no salt and no digest is in what it returns, only their lengths (in digits that mean 0 there, so that it
-- can be computed like a hash).
create function oauth.password_setting(hash text) returns text
    language sql immutable strict parallel safe
    return (select cost || regexp_replace(substr(hash, length(cost) + 1), '[^$=]', zero, 'g')
              from (values ('.', '^(\$g?y\$j..\$)[./0-9A-Za-z]{0,86}\$[./0-9A-Za-z]{43}$'),
                           ('.', '^(\$7\$[./0-9A-Za-z]{11})[./0-9A-Za-z]{0,86}\$[./0-9A-Za-z]{43}$'),
                           ('.', '^(\$2[abxy]\$[0-9]{2}\$)[./0-9A-Za-z]{53}$'),
                           ('.', '^(\$6\$(?:rounds=[0-9]+\$)?)[^$]{1,16}\$[./0-9A-Za-z]{86}$'),
                           ('.', '^(\$5\$(?:rounds=[0-9]+\$)?)[^$]{1,16}\$[./0-9A-Za-z]{43}$'),
                           ('.', '^(\$sha1\$[0-9]+\$)[./0-9A-Za-z]{1,64}\$[./0-9A-Za-z]{28}$'),
                           ('A', '^(pbkdf2_sha256\$[0-9]+\$)[^$]{1,128}\$[+/0-9A-Za-z]{43}=$'),
                           ('A', '^(pbkdf2_sha512\$[0-9]+\$)[^$]{1,128}\$[+/0-9A-Za-z]{86}==$'),
                           ('A', '^(keycloak\$pbkdf2-sha256\$[0-9]+\$)[+/=0-9A-Za-z]{2,128}\$[+/0-9A-Za-z]{43}(?:=|[+/0-9A-Za-z]{43}==)$'),
                           ('A', '^(keycloak\$pbkdf2-sha512\$[0-9]+\$)[+/=0-9A-Za-z]{2,128}\$[+/0-9A-Za-z]{86}==$'),
                           ('A', '^((?:argon2)?\$argon2id\$v=[0-9]+\$m=[0-9]+,t=[0-9]+,p=[0-9]+\$)'
                                 || '[+/0-9A-Za-z]{11,86}\$[+/0-9A-Za-z]{22,86}$'))
                       as form (zero, pattern)
                   cross join lateral (select substring(hash from pattern) as cost) s
             where cost is not null
             limit 1);
comment on function oauth.password_setting is 'The scheme and the cost of a password hash, as a hash of the same lengths that holds nothing of it; null: of no scheme that is verified.';

-- Where in the directory to look for a sample: all over the ids, by nothing but comparisons of the key with a value, which any
-- directory answers by its index (a foreign one sorts for "order by", and reads all of it for max()).  Numbers: the largest power of
-- two that there is an id beyond says how far they go.
do $$
declare
    points text;
begin
    if '@ACCOUNT_ID@' in ('integer', 'bigint') then
        points := format('select (n * 2 * top / 64)::@ACCOUNT_ID@
                            from (select max(power.number) as top
                                    from (select power(2::numeric, n) as number, power(2::numeric, n)::@ACCOUNT_ID@ as id
                                            from generate_series(0, %s) n offset 0) power
                                         cross join lateral (select from directory.account a
                                                              where a.id >= power.id limit 1) beyond) t
                                 cross join generate_series(0, 63) n
                           where top is not null', case '@ACCOUNT_ID@' when 'integer' then 30 else 62 end);
    elsif '@ACCOUNT_ID@' = 'uuid' then
        points := $p$ select (lpad(to_hex(n * 4), 2, '0') || '000000-0000-0000-0000-000000000000')::uuid
                        from generate_series(0, 63) n $p$;
    else
        points := $p$ select regexp_split_to_table('0123456789abcdefghijklmnopqrstuvwxyz', '') $p$;
    end if;
    execute format('create function oauth.account_points() returns setof @ACCOUNT_ID@ language sql stable
                    set search_path = pg_catalog, pg_temp as %L', points);
end
$$;
comment on function oauth.account_points is 'Ids, of accounts or between them, that lie all over the directory: behind each a few accounts are a sample.';

-- For "postern check", whose role sees no hash.
create function oauth.password_settings(most integer) returns table (setting text, accounts bigint)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select oauth.password_setting(a.password_hash), count(*)
      from (select password_hash, active from directory.account limit most) a
     where a.active and a.password_hash is not null
     group by 1
$$;
comment on function oauth.password_settings is 'How many active accounts have which scheme and cost, null: none that is verified; so many rows of the directory are looked at.';

-- Only where the people are in our own table: another application verifies its passwords itself, and need not know our scheme.
create function oauth.rehashes() returns boolean
    language sql stable parallel safe set search_path = pg_catalog, pg_temp as $$
    select coalesce(bool_or(pg_column_is_updatable(v.oid, c.attnum, false)), false)
      from pg_class v
           join pg_namespace s on s.oid = v.relnamespace and s.nspname = 'directory'
           join pg_attribute c on c.attrelid = v.oid and c.attname = 'password_hash'
     where v.relname = 'account'
       and exists (select
                     from pg_rewrite r
                          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                                          and d.refclassid = 'pg_class'::regclass
                          join pg_class t on t.oid = d.refobjid and t.relname = 'person' and t.relnamespace = v.relnamespace
                    where r.ev_class = v.oid)
$$;
comment on function oauth.rehashes is 'directory.account shows directory.person, and its password hashes can be changed through it.';

-- The credential changes with the hash, and nothing shall end by that: sessions and grants of the old one get the new one.  Whoever
-- calls it can change neither a credential nor a password hash by itself.
create function oauth.rehash(account @ACCOUNT_ID@, old_credential text, new_hash text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    new_credential text;
begin
    if not oauth.rehashes() or new_hash not like '$y$%' then
        return false;
    end if;
    update directory.account a set password_hash = new_hash
     where a.id = account and a.active and a.credential = old_credential
    returning a.credential into new_credential;
    if not found then
        return false;
    end if;
    update oauth.session s set credential = new_credential
     where s.account_id = account and s.credential = old_credential and s.ended_at is null;
    update oauth.grants g set credential = new_credential
     where g.account_id = account and g.credential = old_credential and g.ended_at is null;
    return true;
end
$$;
comment on function oauth.rehash is 'Replaces a password hash by a better one of the same password; sessions and grants go on. False: the account changed, or the directory is not ours.';

-- A statement that waited for a grant which was just given the new credential sees the account as it was before.
create function oauth.credential_now(account @ACCOUNT_ID@) returns text
    language sql volatile strict parallel safe
    return (select a.credential from directory.account a where a.id = account);
comment on function oauth.credential_now is 'The credential of an account, as of now and not as of the begin of the statement that asks.';
