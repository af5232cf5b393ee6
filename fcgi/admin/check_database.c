/* SPDX-License-Identifier: ISC */
/* postern check: PostgreSQL, the schema, the roles, and what shows in the tables of how it runs. */
#include "config.h"

#include <string.h>

#include "admin/check.h"
#include "admin/database.h"
#include "admin/migrations.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "server/settings.h"

static void
check_schema(const char *folder)
{
	static struct migrations m;
	size_t i;

	migrations_read(&m, folder);
	for (i = 0; i < m.count; i++) {
		if (m.files[i].changed) {
			check_fail("schema", "install the files of the version that is running",
			    "%s was changed after it was applied", m.files[i].name);
			return;
		}
	}
	if (m.unknown != NULL)
		check_fail("schema", "install the version that applied it", "migration %s is not among the files", m.unknown);
	else if (m.pending > 0)
		check_fail("schema", "run \"postern migrate\"", "%zu of %zu migrations are missing", m.pending, m.count);
	else
		check_ok("schema", "%zu migrations, all applied", m.count);
}

bool
check_database(const struct settings *s)
{
	const char *why;
	const PGresult *begun;

	if (database_try(&why) == NULL) {
		check_fail("database", "start PostgreSQL, or set PGHOST, PGPORT, PGDATABASE and PGUSER right", "%s", why);
		return false;
	}
	check_ok("database", "%s as %s", PQdb(database_open()), PQuser(database_open()));
	if ((begun = database_ask(SQL_MIGRATE_BEGUN, NULL, 0, &why)) != NULL && !database_is(begun, 0, "begun")) {
		check_fail("schema", "run \"postern migrate\" as the database's owner", "there is none");
		return false;
	}
	if (begun == NULL || database_ask(SQL_MIGRATE_STATE, NULL, 0, &why) == NULL) {
		check_fail("schema", why, "can't be read");
		return false;
	}
	if (s->migrations != NULL)
		check_schema(s->migrations);
	return true;
}

void
check_roles(const struct settings *s)
{
	const char *role, *lacks;
	const PGresult *r;
	int row;

	if (s->roles == NULL)
		return;
	r = database_run(SQL_CHECK_ROLES, s->roles);
	for (row = 0; row < PQntuples(r); row++) {
		role = database_get(r, row, "role");
		lacks = database_get(r, row, "lacks");
		if (!database_is(r, row, "there"))
			check_fail("role", "run \"postern migrate\", with the right POSTERN_ROLES", "%s is missing", role);
		else if (lacks != NULL)
			check_fail("role", "run \"postern migrate\"", "%s may not read %s", role, lacks);
		else
			check_ok("role", "%s", role);
	}
}

static void
check_maintenance(void)
{
	const char *why, *when;
	const PGresult *r = database_ask(SQL_CHECK_MAINTENANCE, NULL, 0, &why);

	if (r == NULL) {
		check_fail("maintenance", why, "can't be seen");
		return;
	}
	when = database_get(r, 0, "whole_at");
	when = when == NULL ? "none yet" : arena_printf(tool_arena, "the last whole run was at %s UTC", when);
	if (database_is(r, 0, "late"))
		check_fail("maintenance",
		    "enable postern-maintain.timer, or let \"postern maintain\" run every hour; its messages say what stopped it",
		    "%s", when);
	else
		check_ok("maintenance", "%s", when);
}

/* Behind a balancer that nginx's realip does not know, everybody has its address, and shares one limit. */
static void
check_addresses(void)
{
	const PGresult *r = database_execute(SQL_CHECK_ADDRESSES, NULL, 0);
	const char *only = database_get(r, 0, "only_address");

	if (only != NULL)
		check_note("addresses",
		    "if a balancer is there, name it to nginx's realip (set_real_ip_from, real_ip_header); "
		    "X-Forwarded-For is not read",
		    "the last %s people who signed in all came from %s", database_get(r, 0, "logins"), only);
	else
		check_ok("addresses", "people sign in from more than one, or are too few to tell");
}

void
check_running(void)
{
	check_maintenance();
	check_addresses();
}
