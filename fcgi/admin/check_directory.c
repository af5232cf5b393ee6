/* SPDX-License-Identifier: ISC */
/* postern check: the views of the directory, as the catalog shows them. */
#include "config.h"

#include <string.h>

#include "admin/check.h"
#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"

static bool
check_columns(void)
{
	const PGresult *r = database_execute(SQL_CHECK_DIRECTORY, NULL, 0);
	const char *missing = database_get(r, 0, "missing"), *mistyped = database_get(r, 0, "mistyped");

	if (missing != NULL)
		check_fail("directory",
		    "add what is missing at the end of the view (null::text where you have none), "
		    "and run \"postern migrate\", which grants the rights",
		    "%s missing", missing);
	if (mistyped != NULL)
		check_fail("directory",
		    "let the view show a column of that type; \"postern migrate\" chose the types of ids once, "
		    "and a cast of an id in the view would keep its index from being used",
		    "%s", mistyped);
	if (missing == NULL && mistyped == NULL)
		check_ok(
		    "directory", "the views have their columns%s", database_is(r, 0, "shipped") ? ", over the shipped tables" : "");
	return missing == NULL && mistyped == NULL;
}

/* One table below a view, and whoever reads it for everybody: the view's owner. */
static bool
check_table(const PGresult *r, int row)
{
	const char *view = database_get(r, row, "view"), *table = database_get(r, row, "relation");
	const char *reader = database_get(r, row, "reader"), *server = database_get(r, row, "server");

	if (!database_is(r, row, "readable"))
		check_fail("directory", arena_printf(tool_arena, "grant select on %s to %s", table, reader),
		    "%s, who owns the view directory.%s, may not read %s", reader, view, table);
	else if (server != NULL && !database_is(r, row, "mapped"))
		check_fail("directory",
		    arena_printf(tool_arena, "create user mapping for %s server %s options (...)", reader, server),
		    "%s, who owns the view directory.%s, has no user on the server %s of %s", reader, view, server, table);
	else
		return true;
	return false;
}

static bool
check_base(void)
{
	const PGresult *r = database_execute(SQL_CHECK_BASE, NULL, 0);
	const char *tables = "", *rows;
	bool good = true;
	int row;

	for (row = 0; row < PQntuples(r); row++) {
		good = check_table(r, row) && good;
		rows = database_get(r, row, "rows");
		tables = arena_printf(tool_arena, "%s%sdirectory.%s reads %s%s%s%s", tables, row == 0 ? "" : ", ",
		    database_get(r, row, "view"), database_get(r, row, "relation"), rows == NULL ? "" : " (about ",
		    rows == NULL ? "" : rows, rows == NULL ? "" : " rows)");
	}
	if (good && row > 0)
		check_ok("directory", "%s", tables);
	return good;
}

bool
check_directory(void)
{
	return check_columns() && check_base();
}

bool
check_owner(void)
{
	const PGresult *r = database_execute(SQL_CHECK_OWNER, NULL, 0);
	const char *owner = database_get(r, 0, "owner");

	if (!database_is(r, 0, "may"))
		check_note("directory",
		    arena_printf(tool_arena, "run this as the owner too: runuser -u %s -- postern check", owner),
		    "whether each statement goes by index, and what is in it, only %s can see, who owns the schema", owner);
	return database_is(r, 0, "may");
}
