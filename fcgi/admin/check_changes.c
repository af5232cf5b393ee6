/* SPDX-License-Identifier: ISC */
/* postern check: the log of changes (for sync) and the words of contacts (for q and order=name): are they there, and do they hear of
 * what happens to the table of the contacts?  What nobody tells them is lost without a trace. */
#include "config.h"

#include <json-c/json.h>
#include <string.h>

#include "admin/check.h"
#include "admin/database.h"
#include "admin/plan.h"
#include "admin/postern.h"
#include "admin/probe.h"
#include "admin_sql.h"
#include "base/arena.h"

/* A view of the directory reads that table. */
static bool
reads(const PGresult *base, const char *view, const char *table)
{
	int row;

	for (row = 0; row < PQntuples(base); row++) {
		if (strcmp(database_get(base, row, "view"), view) == 0 && strcmp(database_get(base, row, "relation"), table) == 0)
			return true;
	}
	return false;
}

static bool
there(const char *view)
{
	return database_is(database_run(SQL_CHECK_THERE, view), 0, "there");
}

static const char *
call(const char *table)
{
	return arena_printf(tool_arena,
	    "call directory.watch_contacts('%s', owner => '...', id => '...', username => '...', name => '...', email => '...'), "
	    "or drop view directory.contact_change, directory.contact_word: then sync, q and order=name are not offered",
	    table);
}

/* The triggers read the columns that the view shows.  Only bare columns can be compared. */
static void
compare_columns(const char *table, const PGresult *watched)
{
	static const char *const columns[] = { "owner_id", "id", "username", "name", "email" };
	static const char *const read[] = { "owner", "id", "username", "name", "email" };
	struct json_object *json;
	const PGresult *r;
	const char *shown, *seen;
	size_t i;

	if (!probe_begin())
		return;
	r = probe_ask(
	    "explain (verbose, costs off, format json) select owner_id, id, username, name, email from directory.contact");
	probe_end();
	if (!probe_good(r))
		return;
	json = plan_read(PQgetvalue(r, 0, 0));
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		shown = plan_column(json, i);
		seen = database_get(watched, 0, read[i]);
		if (shown != NULL && strcmp(shown, seen) != 0 && (i < 2 || *seen != '\0'))
			check_fail("changes", call(table), "the triggers on %s take %s for the contact's %s, and the view shows %s",
			    table, seen, columns[i], shown);
	}
	json_object_put(json);
}

/* What the triggers don't see, NULL: nothing. */
static const char *
missing_events(const PGresult *r)
{
	static const char *const events[] = { "insert", "update", "delete", "truncate" };
	const char *missing = NULL;
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (!database_is(r, 0, arena_printf(tool_arena, "%ss", events[i])))
			missing = missing == NULL ? events[i] : arena_printf(tool_arena, "%s, %s", missing, events[i]);
	}
	return missing;
}

/* One table below directory.contact; others says that another one is watched. */
static bool
check_table(const char *table, const char *kind, const PGresult *r, bool others)
{
	const char *missing = missing_events(r), *strangers = database_get(r, 0, "strangers");

	if (*kind != 'r' && *kind != 'p')
		check_fail("changes",
		    "drop view directory.contact_change, directory.contact_word: sync, q and order=name are not offered then",
		    "%s is no table of this database, so no trigger sees its changes: sync and q would silently miss them", table);
	else if (!database_is(r, 0, "watched") && others)
		check_note("changes",
		    "where such a change shows in a contact, let a trigger of yours "
		    "update that contact's row in the watched table, too",
		    "changes of %s alone are in no log and change no words", table);
	else if (missing != NULL)
		check_fail(
		    "changes", call(table), "no trigger tells of each %s on %s: sync and q would silently miss it", missing, table);
	else if (strangers != NULL)
		check_fail("changes", call(table), "the triggers on %s read columns that it has not (%s): each change of it fails",
		    table, strangers);
	else
		return true;
	return false;
}

static const PGresult *
watched(const PGresult *base, int row)
{
	return database_run(SQL_CHECK_WATCHED, database_get(base, row, "oid"));
}

/* What the triggers fill must have them on every table below directory.contact. */
static void
check_triggers(const PGresult *base)
{
	const PGresult *r;
	const char *table;
	bool any = false;
	int row;

	for (row = 0; row < PQntuples(base); row++)
		any = any ||
		    (strcmp(database_get(base, row, "view"), "contact") == 0 && database_is(watched(base, row), 0, "watched"));
	for (row = 0; row < PQntuples(base); row++) {
		if (strcmp(database_get(base, row, "view"), "contact") != 0)
			continue;
		table = database_get(base, row, "relation");
		r = watched(base, row);
		if (!check_table(table, database_get(base, row, "kind"), r, any))
			continue;
		check_ok("changes", "triggers on %s tell the log and the words", table);
		compare_columns(table, r);
	}
}

/* By the shipped table, or by one that the company keeps itself. */
static bool
check_view(const PGresult *base, const char *view, const char *shipped, const char *gives)
{
	if (!there(arena_printf(tool_arena, "directory.%s", view))) {
		check_note("changes",
		    "doc/integrate.md says how it is made where the contacts are in a table of this database; else there is "
		    "nothing to do",
		    "there is no view directory.%s: %s not offered", view, gives);
		return false;
	}
	if (reads(base, view, shipped))
		return true;
	check_ok("changes", "directory.%s is your own: %s offered", view, gives);
	return false;
}

void
check_changes(void)
{
	const PGresult *base = database_execute(SQL_CHECK_BASE, NULL, 0);
	bool log = check_view(base, "contact_change", "directory.logged_change", "sync is");
	bool words = check_view(base, "contact_word", "directory.indexed_word", "q and order=name are");

	if (log || words)
		check_triggers(base);
}

/* How the view's own collation compares. */
static void
check_collation(void)
{
	const PGresult *r;
	const char *name;

	if (!probe_begin())
		return;
	r = probe_execute(SQL_HOOKUP_COLLATION, NULL, 0);
	probe_end();
	if (!probe_good(r)) {
		check_fail(
		    "words", "make directory.contact_word whole", "the collation of word can't be tried: %s", probe_words(r));
		return;
	}
	name = database_get(r, 0, "collation");
	if (!database_is(r, 0, "finds"))
		check_fail("words", "give the column a collation of ICU, and its index too: word text collate directory.ignoring",
		    "by the collation %s a word is not found by its beginning: q would find nothing", name);
	else if (!database_is(r, 0, "ignores_case") || !database_is(r, 0, "ignores_accents"))
		check_note("words", "with collate directory.ignoring neither case nor accents count",
		    "by the collation %s q tells upper from lower case, or an accent from none", name);
	else
		check_ok("words", "the collation %s finds a word by its beginning, whatever its case and accents", name);
	if (database_is(r, 0, "outdated"))
		check_fail("words",
		    arena_printf(tool_arena,
		        "reindex the tables below directory.contact_word, then alter collation %s refresh version", name),
		    "the collation %s has changed with a library: its indexes may be in the wrong order", name);
}

void
check_words(void)
{
	const PGresult *r;

	if (!there("directory.contact_word"))
		return;
	check_collation();
	if (!probe_begin())
		return;
	probe_patient(PROBE_SEARCH);
	r = probe_run(SQL_HOOKUP_WORDS, "10000");
	probe_end();
	if (probe_good(r) && strcmp(database_get(r, 0, "lacking"), "0") != 0)
		check_fail("words", "call directory.watch_contacts again: it collects the words of all contacts that are there",
		    "%s of %s contacts have no word: q and order=name leave them out", database_get(r, 0, "lacking"),
		    database_get(r, 0, "contacts"));
}
