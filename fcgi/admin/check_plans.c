/* SPDX-License-Identifier: ISC */
/* postern check: each statement of the programs is one that the schema knows, that its role may execute, and that finds what it
 * reads of the directory by index. */
#include "config.h"

#include <json-c/json.h>
#include <string.h>

#include "admin/check.h"
#include "admin/database.h"
#include "admin/plan.h"
#include "admin/postern.h"
#include "admin/probe.h"
#include "admin/statements.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "server/settings.h"

/* What is the same of several statements is told once. */
struct complaint {
	const char *statements, *what, *todo;
};

struct program {
	const char *name;
	const struct statement *statements;
};

enum { COMPLAINTS_MAX = 64 };

/* EXPLAIN takes no parameters of its own.  The name is one of ours; all parameters are null, and the plan is the generic one. */
static const char *
explanation(const struct statement *s)
{
	const char *nulls = "";
	int i;

	for (i = 0; i < s->parameters; i++)
		nulls = arena_printf(tool_arena, "%s%s", nulls, i == 0 ? "null" : ", null");
	return arena_printf(tool_arena, "explain (verbose, costs off, format json) execute \"%s\"%s%s%s", s->name,
	    i == 0 ? "" : "(", nulls, i == 0 ? "" : ")");
}

static const char *
list(const char *names, const char *name)
{
	return names == NULL ? name : arena_printf(tool_arena, "%s, %s", names, name);
}

static struct complaint
refused(const PGresult *r)
{
	struct complaint c = { NULL, arena_printf(tool_arena, "can't be executed: %s", probe_words(r)),
		"make the views directory.* whole, and run \"postern migrate\" with the version of the programs" };

	if (r == NULL) {
		c.todo = "see that PostgreSQL and the server behind a foreign table answer";
	} else if (probe_failed(r, "42501")) {
		c.what = arena_printf(tool_arena, "may not be executed: %s", probe_words(r));
		c.todo =
		    "\"postern migrate\" grants the role what it needs of the views; a function in a view it must be allowed to "
		    "execute, and what a view reads its owner must be allowed to read";
	} else if (strstr(probe_words(r), "user mapping") != NULL) {
		c.todo = "this foreign-data wrapper asks as whoever reads the view: create user mapping for public server ... "
		         "(the foreign table stays its owner's alone)";
	}
	return c;
}

/* What is wrong with it; nothing is where what is NULL.  role NULL: who runs the tool executes it. */
static struct complaint
try(const char *role, const struct statement *s, bool *ret_directory)
{
	struct complaint c = { 0 };
	struct json_object *json;
	struct plan plan;
	PGresult *r = NULL;

	if (probe_begin()) {
		if (role != NULL)
			probe_become(role);
		if (probe_good(r = probe_prepare(s)))
			r = probe_ask(explanation(s));
	}
	if (!probe_good(r)) {
		c = refused(r);
	} else {
		json = plan_read(PQgetvalue(r, 0, 0));
		plan = plan_judge(json);
		json_object_put(json);
		c.what = plan.wrong;
		c.todo = plan.todo;
		*ret_directory = plan.directory;
	}
	probe_end();
	return c;
}

static void
complain(struct complaint *all, size_t *n, struct complaint c, const char *statement)
{
	size_t i;

	for (i = 0; i < *n && strcmp(all[i].what, c.what) != 0; i++)
		continue;
	if (i == COMPLAINTS_MAX)
		return;
	if (i == *n)
		all[(*n)++] = c;
	all[i].statements = list(all[i].statements, statement);
}

static void
check_program(const char *roles, const struct program *p)
{
	struct complaint all[COMPLAINTS_MAX], c;
	const char *role = arena_printf(tool_arena, "%s-%s", roles, p->name), *good = NULL;
	const struct statement *s;
	bool directory;
	size_t n = 0, i;

	for (s = p->statements; s->name != NULL; s++) {
		if (s->needs != NULL && !database_is(database_run(SQL_CHECK_THERE, s->needs), 0, "there"))
			continue;
		directory = false;
		c = try(role, s, &directory);
		if (c.what != NULL)
			complain(all, &n, c, s->name);
		else if (directory)
			good = list(good, s->name);
	}
	for (i = 0; i < n; i++)
		check_fail("plan", all[i].todo, "%s of %s: %s", all[i].statements, role, all[i].what);
	if (good != NULL)
		check_ok("plan", "%s of %s: by index", good, role);
}

/* The accounts come from another server. */
static bool
accounts_foreign(void)
{
	const PGresult *r = database_execute(SQL_CHECK_BASE, NULL, 0);
	int row;

	for (row = 0; row < PQntuples(r); row++) {
		if (strcmp(database_get(r, row, "view"), "account") == 0 && database_get(r, row, "server") != NULL)
			return true;
	}
	return false;
}

/* What a function asks is in no plan of the statement that calls it. */
static void
check_account(void)
{
	bool far = database_is(database_execute(SQL_CHECK_FAR, NULL, 0), 0, "far"), directory;
	struct complaint c = { 0 };

	if (far)
		c = try(NULL, &admin_statements[SQL_HOOKUP_ACCOUNT], &directory);
	if (c.what != NULL)
		check_fail("plan", c.todo, "oauth.account_now: %s", c.what);
	else if (far)
		check_ok("plan", "oauth.account_now: by index");
	else if (accounts_foreign())
		check_note("plan", "call oauth.directory_is_far(true)",
		    "while the server of directory.account hangs, tokens and sessions without an account hang with it");
}

void
check_plans(const struct settings *s)
{
	static const struct program programs[] = {
		{ "authorize", authorize_statements },
		{ "token", token_statements },
		{ "contacts", contacts_statements },
	};
	size_t i;

	for (i = 0; s->roles != NULL && i < sizeof(programs) / sizeof(programs[0]); i++)
		check_program(s->roles, &programs[i]);
	check_account();
}
