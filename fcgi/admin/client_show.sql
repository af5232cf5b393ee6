-- read: what belongs to a client beside its registration.
--
-- $1 client_id
--
-- A row for each of its secrets, the newest first, at least one: living_grants (of people, which count now), created_at (null: it has
-- none), expires_at (null: never), valid.
select (select count(*)
          from oauth.grants g
         where g.client_id = $1::text and g.account_id is not null and g.ended_at is null and g.expires_at > now()) as living_grants,
       to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at,
       to_char(s.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as expires_at,
       coalesce(s.expires_at > now(), true) as valid
  from (select) as one
       left join oauth.client_secret s on s.client_id = $1::text
 order by s.created_at desc;
