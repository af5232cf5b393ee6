-- read: the rest of the transaction has the rights of that role.
--
-- $1 role
--
-- One row: role.
select set_config('role', $1::text, true) as role;
