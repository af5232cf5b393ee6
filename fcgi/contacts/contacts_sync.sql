-- read (directory.contact_change): a page of what changed among the contacts of the person whom an access token acts for.
--
-- $1 slot and $2 digest of the token     $3 true: it came in the query
-- $4 which database this is; of the mark: $5 its owner, $6 its database, $7 its snapshot
-- $8 the snapshot of this pass, $9 the transaction and $10 the place in it after which it goes on, null: no cursor
-- $11 changes on the page, null: the client's number     $12 true: all columns, else id and username alone
--
-- What the mark's snapshot did not see and this pass's does.  A contact that changes once more during the pass leaves it and comes with
-- the next.
--
-- A row for each change and one for what follows, at least one: verdict (ok, invalid_token, query_token_refused, insufficient_scope,
-- bad_sync, sync_expired), detail, client_id, per_minute (of the client, null: the setting's), owner_id, page_limit, horizon (the
-- snapshot of the pass), xid, seq, id (null: no change on this row), gone (true: the contact was deleted), username, name, email,
-- phone, updated_at.
with judge as (
    select b.client_id, b.account_id, b.contacts_per_minute, coalesce($11::integer, b.contacts_limit, 100) as page_limit,
           coalesce($8::text, oauth.snapshot_now()) as horizon,
           coalesce($9::xid8, pg_snapshot_xmin($7::pg_snapshot)) as after_xid, coalesce($10::bigint, -1) as after_seq,
           case
               when b.verdict <> 'ok' then b.verdict
               when $5::text is distinct from b.account_id::text then 'bad_sync'
               when $6::text is distinct from $4::text or m.verdict is distinct from 'ok' then 'sync_expired'
               else 'ok'
           end as verdict,
           case
               when b.verdict <> 'ok' then b.detail
               when $5::text is distinct from b.account_id::text then 'the mark was made for another person'
               when $6::text is distinct from $4::text then 'the mark is of another database: ' || coalesce($6, '') || ', and this is ' || coalesce($4, '')
               when m.verdict is distinct from 'ok' then 'the mark is older than the log of changes'
           end as detail
      from oauth.bearer_judged($1::smallint, $2::bytea, $3::boolean, 'contacts') b
           left join lateral (
               select case
                          when pg_visible_in_snapshot(l.truncated_in, $7::pg_snapshot)
                               and pg_snapshot_xmin($7::pg_snapshot) > l.pruned_to
                               and pg_snapshot_xmax($7::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()) then 'ok'
                      end as verdict
                 from oauth.contact_log l
                where l.only_row) m on true
)
select j.verdict, j.detail, j.client_id, j.contacts_per_minute as per_minute, j.account_id as owner_id, j.page_limit, j.horizon,
       l.xid, l.seq, l.id, c.gone is null as gone, c.username, c.name, c.email, c.phone, c.updated_at
  from judge j
       left join lateral (
           select xid, seq, id
             from directory.contact_change
            where j.verdict = 'ok' and owner_id = j.account_id and (xid, seq) > (j.after_xid, j.after_seq)
              and not pg_visible_in_snapshot(xid, $7::pg_snapshot) and pg_visible_in_snapshot(xid, j.horizon::pg_snapshot)
            order by xid, seq
            limit (select page_limit + 1 from judge)) l on true
       left join lateral (
           select false as gone, username, case when $12::boolean then name end as name, case when $12::boolean then email end as email,
                  case when $12::boolean then phone end as phone,
                  case when $12::boolean then to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end as updated_at
             from directory.contact
            where owner_id = j.account_id and id = l.id
           offset 0) c on true
 order by l.xid, l.seq;
