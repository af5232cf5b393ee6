-- write: changes a person's password; the credential changes with it, so sessions and tokens end.
--
-- $1 username     $2 password hash     $3 operator
--
-- One row: id as text, null: nobody has this user name.
with changed as (
    update directory.person set password_hash = $2::text where username = $1::text returning id
), audited as (
    insert into oauth.audit (event, account_id, detail) select 'user_passwd', id::text, $3::text from changed
)
select (select id::text from changed) as id;
