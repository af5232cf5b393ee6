-- write: a sample person's contact.
--
-- $1 owner's id     $2 contact's id     $3 contact's username
--
-- One row: username.
insert into directory.person_contact (owner_id, id, username) values ($1, $2, $3)
    on conflict (owner_id, id) do update set username = excluded.username
    returning username;
