/* SPDX-License-Identifier: ISC */
/* postern check: each statement of the programs is one that the schema knows, that its role may execute, and that finds what it
 * reads of the directory by index. */
#include "config.h"

#include <json-c/json.h>

#include "admin/check.h"
#include "admin/database.h"
#include "admin/plan.h"
#include "admin/postern.h"
#include "admin/probe.h"
#include "admin/statements.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "server/settings.h"

struct program {
	const char *name;
	const struct statement *statements;
};

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

static void
refused(const char *role, const struct statement *s, const PGresult *r)
{
	if (r != NULL && probe_failed(r, "42501"))
		check_fail("plan",
		    "\"postern migrate\" grants the role what it needs of the views; a function in a view it must be allowed to execute, "
		    "and what a view reads its owner must be allowed to read",
		    "%s may not execute %s: %s", role, s->name, probe_words(r));
	else
		check_fail("plan",
		    r == NULL ? "see that PostgreSQL and the server behind a foreign table answer" :
		                "make the views directory.* whole, and run \"postern migrate\" with the version of the programs",
		    "%s can't be executed: %s", s->name, probe_words(r));
}

/* True if the statement reads the directory, and that by index. */
static bool
judge(const char *role, const struct statement *s, const PGresult *explained)
{
	struct json_object *json = json_tokener_parse(PQgetvalue(explained, 0, 0));
	struct plan plan = plan_judge(json);

	json_object_put(json);
	if (plan.wrong != NULL)
		check_fail("plan", plan.todo, "%s of %s %s", s->name, role, plan.wrong);
	return plan.directory && plan.wrong == NULL;
}

static bool
check_statement(const char *role, const struct statement *s)
{
	PGresult *r;
	bool good = false;

	if (!probe_begin())
		return false;
	probe_become(role);
	if (probe_good(r = probe_prepare(s)))
		r = probe_ask(explanation(s));
	if (probe_good(r))
		good = judge(role, s, r);
	else
		refused(role, s, r);
	probe_end();
	return good;
}

static void
check_program(const char *roles, const struct program *p)
{
	const char *role = arena_printf(tool_arena, "%s-%s", roles, p->name), *good = NULL;
	const struct statement *s;

	for (s = p->statements; s->name != NULL; s++) {
		if (s->needs != NULL && !database_is(database_run(SQL_CHECK_THERE, s->needs), 0, "there"))
			continue;
		if (check_statement(role, s))
			good = good == NULL ? s->name : arena_printf(tool_arena, "%s, %s", good, s->name);
	}
	if (good != NULL)
		check_ok("plan", "%s reads the directory by index: %s", role, good);
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
}
