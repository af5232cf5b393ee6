-- write: one line of the audit for a whole import.
--
-- $1 event     $2 owner of all its contacts, null: not one     $3 operator and counts
--
-- One row: event.
insert into oauth.audit (event, account_id, detail) values ($1::text, $2::text, $3::text) returning event;
