-- read (directory.contact_word): a page of those contacts of the person whom an access token acts for that have a word which begins so.
--
-- $1 slot and $2 digest of the token     $3 true: it came in the query
-- $4 how the word begins and $5 what comes after all words that begin so
-- $6 the owner that a cursor was made for, $7 the word and $8 the id with which the page before ended, null: no cursor
-- $9 contacts on the page, null: the client's number     $10 true: all columns, else id and username alone
--
-- A contact stands where the first of its words that begin so stands ("offset 0": its own words are looked up, not all).  So many words
-- may be passed over for that as there are contacts, and a page looks at only so many: the last of them says that it stopped there.  One
-- row is on the left of the joins, so the rows come in the order of the index.
--
-- A row for each contact, at least one: verdict (ok, invalid_token, query_token_refused, insufficient_scope, bad_cursor), detail,
-- client_id, per_minute (of the client, null: the setting's), page_limit, owner_id, word, id (null: no contact on this row), stopped
-- (true: it is the last word that was looked at), gone (true: there is no contact, or it stands elsewhere), username, name, email, phone,
-- updated_at.
select j.verdict, j.detail, b.client_id, b.contacts_per_minute as per_minute, j.page_limit, b.account_id as owner_id,
       w.word, w.id, w.stopped, not coalesce(w.first and c.here, false) as gone, c.username, c.name, c.email, c.phone, c.updated_at
  from oauth.bearer_judged($1::smallint, $2::bytea, $3::boolean, 'contacts') b
       cross join lateral (
           select case
                      when b.verdict = 'ok' and $6::text is not null and $6::text is distinct from b.account_id::text then 'bad_cursor'
                      else b.verdict
                  end as verdict,
                  coalesce(b.detail, 'the cursor was made for another person') as detail,
                  coalesce($9::integer, b.contacts_limit, 100) as page_limit,
                  1000 + 4 * coalesce($9::integer, b.contacts_limit, 100) as words_limit,
                  coalesce($7, $4) as from_word, coalesce($8, oauth.least_contact_id()) as from_id
           offset 0) j
       left join lateral (
           select n.word, n.id, n.first, n.nth = j.words_limit as stopped
             from (select l.word, l.id, row_number() over () as nth,
                          not exists (select
                                        from directory.contact_word f
                                       where f.owner_id = b.account_id and f.id = l.id and f.word >= $4 and f.word < l.word
                                       offset 0) as first
                     from (select w.word, w.id
                             from directory.contact_word w
                            where j.verdict = 'ok' and w.owner_id = b.account_id and (w.word, w.id) >= (j.from_word, j.from_id)
                              and w.word < $5
                            order by w.word, w.id
                            limit j.words_limit) l) n
            where n.first or n.nth = j.words_limit
            limit j.page_limit + 2) w on true
       left join lateral (
           select true as here, case when octet_length(username) <= 10000 then username end as username,
                  case when $10::boolean and octet_length(name) <= 10000 then name end as name,
                  case when $10::boolean and octet_length(email) <= 10000 then email end as email,
                  case when $10::boolean and octet_length(phone) <= 10000 then phone end as phone,
                  case when $10::boolean then to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end as updated_at
             from directory.contact
            where owner_id = b.account_id and id = w.id
           offset 0) c on true;
