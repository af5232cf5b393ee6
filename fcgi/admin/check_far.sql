-- read: are the accounts on another server, as the administrator says?
--
-- No parameter.  One row: far.
select directory_is_far as far
  from oauth.installation;
