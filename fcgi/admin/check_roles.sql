-- read: are the programs' roles there, and may each read what its first statement reads?
--
-- $1 prefix of the roles
--
-- A row for each role: role, there, lacks (what it may not read, null: nothing), usable (there, and lacks nothing).
with needed (program, name) as (
    values ('authorize', 'oauth.client'), ('authorize', 'oauth.scope_sentence'), ('authorize', 'oauth.live_session'),
           ('authorize', 'oauth.authorization_request'), ('authorize', 'directory.account'), ('authorize', 'oauth.failure'),
           ('token', 'oauth.client'), ('token', 'oauth.client_secret'), ('token', 'oauth.grants'), ('token', 'oauth.live_token'),
           ('token', 'directory.account'), ('token', 'oauth.failure'),
           ('contacts', 'oauth.live_token'), ('contacts', 'directory.contact'), ('contacts', 'oauth.contact_log'),
           ('contacts', 'directory.contact_change'), ('contacts', 'directory.contact_word'),    -- if they are there
           ('admin', 'oauth.client'), ('admin', 'oauth.installation'), ('admin', 'oauth.migration'), ('admin', 'oauth.maintenance'),
           ('admin', 'oauth.audit'), ('admin', 'directory.person'),
           ('maintain', 'oauth.ring'), ('maintain', 'oauth.grants'), ('maintain', 'oauth.session'), ('maintain', 'oauth.challenge_use'),
           ('maintain', 'oauth.login_limit'), ('maintain', 'oauth.device_code'),
           ('maintain', 'oauth.failure')
), judged as (
    select $1::text || '-' || n.program as role, n.program, r.oid,
           case when not has_any_column_privilege(r.oid, c.oid, 'select') then n.name end as lack
      from needed n
           left join pg_roles r on r.rolname = $1::text || '-' || n.program
           left join (pg_class c join pg_namespace s on s.oid = c.relnamespace) on s.nspname || '.' || c.relname = n.name
)
select role, bool_and(oid is not null) as there, string_agg(lack, ', ') as lacks,
       bool_and(oid is not null and lack is null) as usable
  from judged
 group by role, program
 order by array_position(array['authorize', 'token', 'contacts', 'admin', 'maintain'], program);
