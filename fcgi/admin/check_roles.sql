-- read: are the programs' roles there, and may they do what they are for?
--
-- $1 prefix of the roles
--
-- A row for each role: role, there, usable.
select role, r.oid is not null as there,
       coalesce(case right(role, 9)
                    when 'authorize' then has_table_privilege(r.oid, 'oauth.live_session', 'select')
                                          and has_table_privilege(r.oid, 'directory.account', 'select')
                    else has_any_column_privilege(r.oid, case when role like '%-admin' then 'oauth.client' else 'oauth.live_token' end, 'select')
                end, false) as usable
  from unnest(array[$1::text || '-authorize', $1::text || '-token', $1::text || '-contacts', $1::text || '-admin']) as role
       left join pg_roles r on r.rolname = role;
