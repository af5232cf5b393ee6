-- read: of how many active accounts with a password hash is it of which scheme and cost?
--
-- $1 so many rows of the directory are looked at, wherever they stand
--
-- A row for each, none is possible: setting (null: never verified), accounts.
select setting, accounts
  from oauth.password_settings($1::integer);
