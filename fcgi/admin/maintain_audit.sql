-- write: makes the months of the audit that are missing and drops one that is too old.
--
-- $1 how many whole months before this are kept
--
-- A row for each month concerned: month, outcome (made, emptied, dropped, busy).
select month, outcome from oauth.keep_audit($1::integer);
