-- write: a migration was applied; in its transaction.
--
-- $1 number     $2 name of the file     $3 its SHA-256
--
-- One row: number.
insert into oauth.migration (number, name, sha256) values ($1::integer, $2, $3::bytea) returning number;
