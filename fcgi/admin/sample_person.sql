-- write: a sample person.
--
-- $1 id     $2 username     $3 password hash
--
-- One row: username.
insert into directory.person (id, username, password_hash, sample) values ($1, $2, $3, true)
    on conflict (id) do update set password_hash = excluded.password_hash
    returning username;
