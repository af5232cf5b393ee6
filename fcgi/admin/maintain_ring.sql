-- write: empties the slot of a ring that has had its time; a statement each, so that one holds no lock while it waits for another.
--
-- $1 the ring's name
--
-- One row: slot, outcome (emptied, clean, absent, busy, late), bytes.
select slot, outcome, bytes from oauth.empty_ring($1::text);
