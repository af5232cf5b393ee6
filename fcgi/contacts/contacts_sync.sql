-- read (directory.contact_change): a page of what changed among the contacts of the person whom an access token acts for.
--
-- $1 slot and $2 digest of the token     $3 true: it came in the query
-- $4 which database this is; of the mark: $5 its owner, $6 its database, $7 its snapshot
-- $8 the snapshot of this pass, $9 the transaction and $10 the place in it with which the page before ended, null: no cursor
-- $11 changes on the page, null: the client's number     $12 true: all columns, else id and username alone
--
-- What the mark's snapshot did not see and this pass's does.  (What the log knows of a transaction that is yet to come is of another
-- cluster, out of which this database was restored.)  A contact that changes once more during the pass leaves it and comes with
-- the next.  While a transaction stays open, any number of others that the mark has seen may follow it in the log: a page looks at so
-- many changes, and the last of them says that it stopped there.  One row is on the left of the joins, so the rows come in the order of the index.
--
-- A row for each change, at least one: verdict (ok, invalid_token, query_token_refused, insufficient_scope, bad_sync, sync_expired),
-- detail, client_id, per_minute (of the client, null: the setting's), page_limit, owner_id, horizon (the snapshot of the pass),
-- xid, seq, id (null: no change on this row), stopped (true: it is the last change that was looked at), gone (true: the contact was deleted), username, name, email, phone, updated_at.
select j.verdict, j.detail, b.client_id, b.contacts_per_minute as per_minute, j.page_limit, b.account_id as owner_id,
       j.horizon, l.xid, l.seq, l.id, l.stopped, c.gone is null as gone, c.username, c.name, c.email, c.phone, c.updated_at
  from oauth.bearer_judged($1::smallint, $2::bytea, $3::boolean, 'contacts') b
       left join oauth.contact_log o on o.only_row
       cross join (select pg_snapshot_xmax(pg_current_snapshot()) as xmax offset 0) h
       cross join lateral (
           select case
                      when b.verdict <> 'ok' then b.verdict
                      when $5::text is distinct from b.account_id::text then 'bad_sync'
                      when $6::text is distinct from $4::text then 'sync_expired'
                      when ((pg_visible_in_snapshot(o.truncated_in, $7::pg_snapshot) or o.truncated_in >= h.xmax)
                            and (pg_snapshot_xmin($7::pg_snapshot) > o.pruned_to or o.pruned_to >= h.xmax)
                            and pg_snapshot_xmax($7::pg_snapshot) <= h.xmax) is not true
                          then 'sync_expired'
                      else 'ok'
                  end as verdict,
                  coalesce(b.detail,
                           case
                               when $5::text is distinct from b.account_id::text then 'the mark was made for another person'
                               when $6::text is distinct from $4::text
                                   then 'the mark is of another database (' || coalesce($6, '') || '), or this one was restored: it is ' || coalesce($4, '')
                               else 'the mark is older than the log of changes'
                           end) as detail,
                  coalesce($11::integer, b.contacts_limit, 100) as page_limit,
                  coalesce($8::text, pg_current_snapshot()::text) as horizon,
                  coalesce($9::xid8, pg_snapshot_xmin($7::pg_snapshot)) as after_xid, coalesce($10::bigint, -1) as after_seq
           offset 0) j
       left join lateral (
           select n.xid, n.seq, case when n.fresh then n.id end as id, n.nth = 20000 as stopped
             from (select c.xid, c.seq, c.id, row_number() over () as nth,
                          not pg_visible_in_snapshot(c.xid, $7::pg_snapshot)
                          and pg_visible_in_snapshot(c.xid, j.horizon::pg_snapshot) as fresh
                     from (select xid, seq, id
                             from directory.contact_change
                            where j.verdict = 'ok' and owner_id = b.account_id and (xid, seq) > (j.after_xid, j.after_seq)
                              and xid < pg_snapshot_xmax(j.horizon::pg_snapshot)
                            order by xid, seq
                            limit 20000) c) n
            where n.fresh or n.nth = 20000
            limit j.page_limit + 1) l on true
       left join lateral (
           select false as gone, case when octet_length(username) <= 10000 then username end as username,
                  case when $12::boolean and octet_length(name) <= 10000 then name end as name,
                  case when $12::boolean and octet_length(email) <= 10000 then email end as email,
                  case when $12::boolean and octet_length(phone) <= 10000 then phone end as phone,
                  case when $12::boolean then to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end as updated_at
             from directory.contact
            where owner_id = b.account_id and id = l.id
           offset 0) c on true;
