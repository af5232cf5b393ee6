-- read: the contacts of the shipped directory, in the order of their pages.
--
-- $1 owner's id, null: of all
--
-- A row for each: owner_id, id, username, name, email, phone.
select owner_id, id, username, name, email, phone
  from directory.person_contact
 where $1::text is null or owner_id = (select id from directory.person where id::text = $1::text)
 order by owner_id, id;
