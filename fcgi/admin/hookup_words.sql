-- read: has each contact its word, by which it stands in the order of names?  It needs the rights of the owner.
--
-- $1 contacts to look at, at most
--
-- One row: contacts, lacking (of them).
select count(*) as contacts, count(*) filter (where not w.there) as lacking
  from (select owner_id, id from directory.contact limit $1::integer) c
       cross join lateral (select exists (select
                                            from directory.contact_word d
                                           where d.owner_id = c.owner_id and d.id = c.id and d.sorts) as there) w;
