-- read: a page of the contacts of the person whom an access token acts for, in the order of their ids.
--
-- $1 slot and $2 digest of the token     $3 true: it came in the query
-- $4 the owner that a cursor was made for, $5 the id with which the page before ended, $6 the snapshot of the pass, null: no cursor
-- $7 contacts on the page, null: the client's number     $8 true: all columns, else id and username alone
--
-- One row is on the left of the joins, so the rows come in the order of the index.  What is the same on all of them is worked out once.
--
-- A row for each contact, at least one: verdict (ok, invalid_token, query_token_refused, insufficient_scope, bad_cursor), detail,
-- client_id, per_minute (of the client, null: the setting's), page_limit, owner_id, horizon (the snapshot of the pass), id (null:
-- no contact on this row), username, name, email, phone, updated_at.
select j.verdict, j.detail, b.client_id, b.contacts_per_minute as per_minute, j.page_limit, b.account_id as owner_id,
       j.horizon, c.id, c.username, c.name, c.email, c.phone, c.updated_at
  from oauth.bearer_judged($1::smallint, $2::bytea, $3::boolean, 'contacts') b
       cross join lateral (
           select case
                      when b.verdict = 'ok' and $4::text is not null and $4::text is distinct from b.account_id::text then 'bad_cursor'
                      else b.verdict
                  end as verdict,
                  coalesce(b.detail, 'the cursor was made for another person') as detail,
                  coalesce($7::integer, b.contacts_limit, 100) as page_limit,
                  coalesce($6::text, pg_current_snapshot()::text) as horizon,
                  coalesce($5, oauth.least_contact_id()) as from_id
           offset 0) j
       left join lateral (
           select id, case when octet_length(username) <= 10000 then username end as username,
                  case when $8::boolean and octet_length(name) <= 10000 then name end as name,
                  case when $8::boolean and octet_length(email) <= 10000 then email end as email,
                  case when $8::boolean and octet_length(phone) <= 10000 then phone end as phone,
                  case when $8::boolean then to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end as updated_at
             from directory.contact
            where j.verdict = 'ok' and owner_id = b.account_id and id >= j.from_id
            order by id
            limit j.page_limit + 2) c on true;
