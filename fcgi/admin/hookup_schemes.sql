-- read: which schemes do the password hashes have, and which of them verify?  It needs the rights of the owner.
--
-- $1 accounts to look at, at most
--
-- A row for each scheme, cost and length of hashes of active accounts: scheme (its prefix, if it is a known one, else what the hash looks
-- like; null: no hash), setting (of one of them: scheme and cost in the form of a hash, null: none that is verified), accounts.
--
-- Only known prefixes are shown: what begins like one may be somebody's password.
with hash as (
    select password_hash as h
      from (select password_hash, active from directory.account limit $1::integer) a
     where active
), kind as (
    select h, substring(h from '^(?:[$](?:y|gy|7|2[abxy]?|6|5|sha1|1|3|md5|apr1|P|H|S|argon2(?:id|i|d)|scrypt|pbkdf2(?:-sha(?:1|256|512))?|bcrypt-sha256)[$]'
                            || '|(?:pbkdf2_sha(?:1|256|512)|bcrypt(?:_sha256)?|argon2|scrypt|md5|sha1|unsalted_md5|unsalted_sha1|crypt|keycloak)[$]'
                            || '|\{(?:S?SHA(?:256|512)?|S?MD5|CRYPT|PBKDF2(?:-SHA(?:1|256|512))?|ARGON2|bcrypt|pbkdf2|scrypt|argon2|noop|sha256|MD4|CLEARTEXT)\})') as prefix,
           coalesce(substring(h from '^[$]2[abxy]?[$]([0-9]{2})[$]'), substring(h from '^[$][56][$]rounds=([0-9]{1,9})[$]'),
                    substring(h from '^[$]g?y[$]([./0-9A-Za-z]{3})[$]'),
                    substring(h from '^(?:keycloak[$])?pbkdf2[_-]sha[0-9]{1,3}[$]([0-9]{1,9})[$]'),
                    substring(h from '[$]argon2id?[$]v=[0-9]{1,3}[$](m=[0-9]{1,9},t=[0-9]{1,9},p=[0-9]{1,9})[$]')) as cost
      from hash
    offset 0    -- else the patterns are tried again wherever they are read
), named as (
    select h, cost, prefix,
           case
               when h is null then null
               when prefix is not null then prefix
               when h = '' or h ~ '^[*!x]{1,2}$' then 'locked (no hash)'
               when h ~ '^[0-9A-Fa-f]{32}$' then '32 hexadecimal digits, as of MD5'
               when h ~ '^[0-9A-Fa-f]{40}$' then '40 hexadecimal digits, as of SHA-1'
               when h ~ '^[0-9A-Fa-f]{64}$' then '64 hexadecimal digits, as of SHA-256'
               when h ~ '^[0-9A-Fa-f]{128}$' then '128 hexadecimal digits, as of SHA-512'
               when h ~ '^\*[0-9A-F]{40}$' then '* and 40 hexadecimal digits, as of MySQL''s own users'
               when h ~ '^\{"' then 'JSON'
               else 'no scheme, as of plain passwords'
           end as scheme
      from kind
    offset 0
)
select scheme, oauth.password_setting(min(h)) as setting, count(*) as accounts
  from named
 group by scheme, cost, case when prefix is not null then length(h) end
 order by 3 desc, 1
 limit 200;
