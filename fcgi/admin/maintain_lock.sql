-- write: one maintenance at a time, and none beside a migration; both locks are held to the end of the connection.
--
-- No parameter.  One row: apart (no migration is at work), alone (no other maintenance is).
select pg_try_advisory_lock_shared(7236837) as apart, pg_try_advisory_lock(7236838) as alone;
