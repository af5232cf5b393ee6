-- write: notes that a run has done all that there was to do.
--
-- No parameter.  One row: whole_at.
update oauth.maintenance set whole_at = now() where only_row returning whole_at;
