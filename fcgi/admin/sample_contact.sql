-- write: a sample person's contact, unless it is there.
--
-- $1 owner's id     $2 contact's id     $3 contact's username
--
-- A row if one was made: username.
insert into directory.person_contact (owner_id, id, username) values ($1, $2, $3)
    on conflict do nothing
    returning username;
