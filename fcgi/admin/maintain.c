/* SPDX-License-Identifier: ISC */
/* postern maintain: empties the rings' old slots, deletes what has ended, makes and drops the audit's months.
 *
 * Each step is a short transaction of its own and none depends on another, so a run may be ended at any time and the next one goes
 * on.  Nothing waits for a request for longer than 50 ms, because requests queue behind who waits. */
#include "config.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/text.h"
#include "server/settings.h"

enum {
	BATCH = 1000,      /* rows that one statement deletes or looks at */
	WALK = 100         /* batches of grants that a run looks at: an hour's share */
};

/* Rows that go when their time has come: statements of one parameter that say how many they deleted. */
static const struct {
	const char *table;
	int statement;
} ending[] = {
	{ "grants", SQL_MAINTAIN_GRANTS },
	{ "session", SQL_MAINTAIN_SESSIONS },
	{ "challenge_use", SQL_MAINTAIN_CHALLENGES },
	{ "device_code", SQL_MAINTAIN_DEVICES },
	{ "login_limit", SQL_MAINTAIN_LIMITS },
};

struct report {
	struct json_object *steps; /* NULL: lines of text instead */
	bool whole;                /* all was done that there was to do */
};

static int64_t
number(const PGresult *result, int row, const char *column)
{
	int64_t n;

	if (!text_number(database_get(result, row, column), 0, INT64_MAX, &n))
		tool_fail(EX_SOFTWARE, "%s is no number", column);
	return n;
}

/* One step: of which table, of which part of it (or ""), what became of it, and how much that was (unit "": nothing to count). */
static void
tell(struct report *r, const char *table, const char *part, const char *outcome, int64_t amount, const char *unit)
{
	struct json_object *step;

	if (strcmp(outcome, "busy") == 0 || strcmp(outcome, "late") == 0)
		r->whole = false;
	if (r->steps == NULL) {
		if (*unit == '\0')
			printf("%-22s  %-7s  %s\n", table, part, outcome);
		else
			printf("%-22s  %-7s  %s  %" PRId64 " %s\n", table, part, outcome, amount, unit);
		fflush(stdout);    /* a run that is ended has told what it did */
		return;
	}
	step = json_object_new_object();
	json_object_object_add(step, "table", json_object_new_string(table));
	if (*part != '\0')
		json_object_object_add(step, "part", json_object_new_string(part));
	json_object_object_add(step, "outcome", json_object_new_string(outcome));
	if (*unit != '\0')
		json_object_object_add(step, unit, json_object_new_int64(amount));
	json_object_array_add(r->steps, step);
}

static void
empty_rings(struct report *r)
{
	const PGresult *rings = database_execute(SQL_MAINTAIN_RINGS, NULL, 0), *done;
	const char *name, *outcome;
	bool emptied;
	int row;

	for (row = 0; row < PQntuples(rings); row++) {
		name = database_get(rings, row, "name");
		done = database_run(SQL_MAINTAIN_RING, name);
		outcome = database_get(done, 0, "outcome");
		emptied = strcmp(outcome, "emptied") == 0;
		tell(r, name, arena_printf(tool_arena, "slot %s", database_get(done, 0, "slot")), outcome,
		    emptied ? number(done, 0, "bytes") : 0, emptied ? "bytes" : "");
	}
}

/* Until a batch is not full.  kept is a second parameter of the statement, NULL where it has none. */
static void
delete_ended(struct report *r, const char *table, int statement, const char *kept)
{
	const char *const values[] = { text_decimal(tool_arena, BATCH), kept };
	int64_t deleted, all = 0;

	do {
		deleted = number(database_execute(statement, values, kept == NULL ? 1 : 2), 0, "deleted");
		all += deleted;
	} while (deleted == BATCH);
	tell(r, table, "", "deleted", all, "rows");
}

static void
delete_idle(struct report *r)
{
	const char *batch = text_decimal(tool_arena, BATCH);
	const PGresult *done;
	int64_t all = 0;
	int i;

	for (i = 0; i < WALK; i++) {
		done = database_run(SQL_MAINTAIN_IDLE, batch);
		all += number(done, 0, "deleted");
		if (number(done, 0, "looked") < BATCH)
			break;
	}
	tell(r, "grants", "idle", "deleted", all, "rows");
}

/* A call drops one month. */
static void
keep_audit(struct report *r, int64_t months)
{
	const char *kept = text_decimal(tool_arena, months), *outcome;
	const PGresult *done;
	bool dropped;
	int row;

	do {
		dropped = false;
		done = database_run(SQL_MAINTAIN_AUDIT, kept);
		for (row = 0; row < PQntuples(done); row++) {
			outcome = database_get(done, row, "outcome");
			dropped = dropped || strcmp(outcome, "dropped") == 0;
			tell(r, "audit", database_get(done, row, "month"), outcome, 0, "");
		}
	} while (dropped);
}

static void
work(struct report *r, const struct settings *settings)
{
	size_t i;

	empty_rings(r);
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		delete_ended(r, ending[i].table, ending[i].statement, NULL);
	delete_ended(r, "failure", SQL_MAINTAIN_FAILURES, text_decimal(tool_arena, settings->audit_months));
	delete_ended(r, "logged_change", SQL_MAINTAIN_CHANGES, text_decimal(tool_arena, settings->sync_days));
	delete_idle(r);
	keep_audit(r, settings->audit_months);
	if (r->whole)
		database_execute(SQL_MAINTAIN_WHOLE, NULL, 0);
}

static void
print_json(const struct report *r)
{
	struct json_object *all = json_object_new_object();

	json_object_object_add(all, "whole", json_object_new_boolean(r->whole));
	json_object_object_add(all, "steps", r->steps);
	tool_print_json(all);
}

int
maintain(int argc, char **argv)
{
	bool json = tool_json_wanted(argc, argv), alone;
	struct report r = { .steps = json ? json_object_new_array() : NULL, .whole = true };
	const struct settings *settings;
	const PGresult *locks;

	tool_no_more(argc, argv);
	settings = settings_read(FOR_MAINTAIN);
	locks = database_execute(SQL_MAINTAIN_LOCK, NULL, 0);
	if (!database_is(locks, 0, "apart"))
		tool_fail(EX_TEMPFAIL, "a migration is at work: try again later");
	alone = database_is(locks, 0, "alone");
	if (alone) {
		work(&r, settings);
	} else {
		r.whole = false;
		fprintf(stderr, "postern maintain: another one is at work, and does what there is to do\n");
	}
	if (json)
		print_json(&r);
	if (!r.whole && alone)
		tool_fail(EX_TEMPFAIL, "a lock was not to be had in 50 ms, or a period changed meanwhile: run it again");
	return 0;
}
