-- read: an active account to try statements with, one that has contacts if there is one.  It needs the rights of the owner.
--
-- No parameter.  No row: there is none.  One row: id, username, credential, contact_id (for those statements); account and contact (what the row of
-- directory.account and the first of that person's in directory.contact look like: of each value its first character and its length;
-- null: no contact).
with owner as (
    select owner_id from directory.contact limit 1
), chosen as (
    select id from directory.account where id = (select owner_id from owner) and active
    union all
    (select id from directory.account where active limit 1)
    limit 1
), account as (
    select a.* from directory.account a where a.id = (select id from chosen) limit 1
), contact as (
    select c.* from directory.contact c where c.owner_id = (select id from chosen) limit 1
)
select a.id, a.username, a.credential, (select id from contact) as contact_id,
       (select string_agg(v.name || ' ' || coalesce(left(v.value, 1) || '...' || length(v.value), 'null'), ', ' order by v.nth)
          from (values (1, 'id', a.id::text), (2, 'username', a.username), (3, 'active', a.active::text),
                       (4, 'password_hash', repeat('*', length(a.password_hash))), (5, 'credential', repeat('*', length(a.credential))),
                       (6, 'name', a.name), (7, 'email', a.email)) as v (nth, name, value)) as account,
       (select string_agg(v.name || ' ' || coalesce(left(v.value, 1) || '...' || length(v.value), 'null'), ', ' order by v.nth)
          from contact c
               cross join lateral (values (1, 'id', c.id::text), (2, 'username', c.username), (3, 'name', c.name), (4, 'email', c.email),
                                          (5, 'phone', c.phone), (6, 'updated_at', c.updated_at::text)) as v (nth, name, value)) as contact
  from account a;
