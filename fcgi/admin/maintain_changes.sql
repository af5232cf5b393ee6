-- write: deletes a batch of the changes among contacts that no mark of "sync" may need any more.
--
-- $1 rows at most     $2 how many days they are kept
--
-- One row: deleted.
select oauth.prune_contact_log($2::integer, $1::integer) as deleted;
