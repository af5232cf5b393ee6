-- read: is there such a table or view?
--
-- $1 its name, with its schema
--
-- One row: there.
select to_regclass($1::text) is not null as there;
