-- write: adds a person to the shipped directory.
--
-- $1 username     $2 password hash     $3 display name, null: none     $4 e-mail, null: none     $5 operator
--
-- One row: id as text, null: the user name is taken.
with made as (
    insert into directory.person (username, password_hash, name, email) values ($1::text, $2::text, $3::text, $4::text)
    on conflict (username) do nothing
    returning id
), audited as (
    insert into oauth.audit (event, account_id, detail) select 'user_add', id::text, $5::text from made
)
select (select id::text from made) as id;
