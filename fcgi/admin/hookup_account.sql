-- read: what oauth.account_now asks, word for word.
--
-- $1 id of an account     $2 its credential when somebody signed in
--
-- One row, or none: username.
        select one.username
          from (select a.username, a.active, a.credential
                  from directory.account a
                 where a.id = $1 offset 0) one
         where one.active and one.credential is not distinct from $2::text;
