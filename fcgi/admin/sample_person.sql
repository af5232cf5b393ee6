-- write: a sample person, unless that person is there.
--
-- $1 id     $2 username     $3 password hash
--
-- A row if one was made: username.
insert into directory.person (id, username, password_hash, sample) values ($1, $2, $3, true)
    on conflict do nothing
    returning username;
