-- read: a page of the contacts of the person whom an access token acts for, in the order of their ids.
--
-- $1 slot and $2 digest of the token     $3 true: it came in the query
-- $4 the owner that a cursor was made for, $5 the id after which it goes on, $6 its snapshot, null: no cursor
-- $7 contacts on the page, null: the client's number     $8 true: all columns, else id and username alone
--
-- Two arms, of which a run opens one: with a condition of both ("$5 is null or id > $5") a deep page would read all before it.
--
-- A row for each contact and one for what follows, at least one: verdict (ok, invalid_token, query_token_refused, insufficient_scope,
-- bad_cursor), detail, client_id, per_minute (of the client, null: the setting's), owner_id, page_limit, horizon (the snapshot of the
-- pass), id (null: no contact on this row), username, name, email, phone, updated_at.
with judge as (
    select b.client_id, b.account_id, b.contacts_per_minute, coalesce($7::integer, b.contacts_limit, 100) as page_limit,
           coalesce($6::text, oauth.snapshot_now()) as horizon,
           case
               when b.verdict = 'ok' and $4::text is not null and $4::text is distinct from b.account_id::text then 'bad_cursor'
               else b.verdict
           end as verdict,
           coalesce(b.detail, 'the cursor was made for another person') as detail
      from oauth.bearer_judged($1::smallint, $2::bytea, $3::boolean, 'contacts') b
)
select j.verdict, j.detail, j.client_id, j.contacts_per_minute as per_minute, j.account_id as owner_id, j.page_limit, j.horizon,
       c.id, c.username, c.name, c.email, c.phone, c.updated_at
  from judge j
       left join lateral (
           (select id, username, case when $8::boolean then name end as name, case when $8::boolean then email end as email,
                   case when $8::boolean then phone end as phone,
                   case when $8::boolean then to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end as updated_at
              from directory.contact
             where j.verdict = 'ok' and owner_id = j.account_id and id > $5
             order by id
             limit (select page_limit + 1 from judge))
           union all
           (select id, username, case when $8::boolean then name end, case when $8::boolean then email end,
                   case when $8::boolean then phone end,
                   case when $8::boolean then to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end
              from directory.contact
             where j.verdict = 'ok' and $5 is null and owner_id = j.account_id
             order by id
             limit (select page_limit + 1 from judge))) c on true
 order by c.id;
