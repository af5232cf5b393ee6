-- read: one contact of the person whom an access token acts for.
--
-- $1 slot and $2 digest of the token     $3 true: it came in the query
-- $4 the contact's id
--
-- One row: verdict (ok, invalid_token, query_token_refused, insufficient_scope, no_contact), detail, client_id, per_minute (of the
-- client, null: the setting's), owner_id, id, username, name, email, phone, updated_at.
select case when b.verdict = 'ok' and c.id is null then 'no_contact' else b.verdict end as verdict,
       coalesce(b.detail, case when c.id is null then 'no such contact of this person' end) as detail,
       b.client_id, b.contacts_per_minute as per_minute, b.account_id as owner_id, c.id, c.username, c.name, c.email, c.phone, c.updated_at
  from oauth.bearer_judged($1::smallint, $2::bytea, $3::boolean, 'contacts') b
       cross join (select oauth.contact_id($4) as id offset 0) asked    -- a value, before a server far away is asked
       left join lateral (
           select id, case when octet_length(username) <= 10000 then username end as username,
                  case when octet_length(name) <= 10000 then name end as name,
                  case when octet_length(email) <= 10000 then email end as email,
                  case when octet_length(phone) <= 10000 then phone end as phone,
                  to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
             from directory.contact
            where b.verdict = 'ok' and owner_id = b.account_id and id = asked.id
           offset 0) c on true;
