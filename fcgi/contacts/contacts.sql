-- read: a page of the contacts of the person whom an access token acts for, in the order of their ids.
--
-- $1 slot and $2 digest of the token     $3 true: it came in the query
-- $4 the owner that a cursor was made for, $5 the id with which the page before ended, $6 the snapshot of the pass, null: no cursor
-- $7 contacts on the page, null: the client's number     $8 true: all columns, else id and username alone
--
-- One row is on the left of the join, so the rows come in the order of the index.
--
-- One row: verdict (ok, invalid_token, query_token_refused, insufficient_scope, bad_cursor), detail, client_id, per_minute (of the
-- client, null: the setting's), page_limit, owner_id, horizon (the snapshot of the pass), log_begins (the transaction that did).  Then a
-- row for each contact, with nothing in those columns: id, username, name, email, phone, updated_at.
with judge as (
    select b.client_id, b.account_id, b.contacts_per_minute, j.verdict, j.detail, j.page_limit, j.horizon, j.log_begins, j.from_id
      from oauth.bearer_judged($1::smallint, $2::bytea, $3::boolean, 'contacts') b
           cross join lateral (
               select case
                          when b.verdict = 'ok' and $4::text is not null and $4::text is distinct from b.account_id::text then 'bad_cursor'
                          else b.verdict
                      end as verdict,
                      coalesce(b.detail, 'the cursor was made for another person') as detail,
                      coalesce($7::integer, b.contacts_limit, 100) as page_limit,
                      coalesce($6::text, pg_current_snapshot()::text) as horizon,
                      (select truncated_in from oauth.contact_log where only_row) as log_begins,
                      coalesce($5, oauth.least_contact_id()) as from_id
               offset 0) j
)
select verdict, detail, client_id, contacts_per_minute as per_minute, page_limit, account_id as owner_id, horizon, log_begins,
       null as id, null as username, null as name, null as email, null as phone, null as updated_at
  from judge
union all
select null, null, null, null, null, null, null, null,
       c.id, c.username, c.name, c.email, c.phone, c.updated_at
  from judge j
       cross join lateral (
           select id, username, case when $8::boolean then name end as name, case when $8::boolean then email end as email,
                  case when $8::boolean then phone end as phone,
                  case when $8::boolean then to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end as updated_at
             from directory.contact
            where j.verdict = 'ok' and owner_id = j.account_id and id >= j.from_id
            order by id
            limit j.page_limit + 2) c;
