/* SPDX-License-Identifier: ISC */
/* postern check: is everything in place?  One line each, and what to do where it isn't. */
#include "config.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

#include "admin/check.h"
#include "admin/postern.h"
#include "base/arena.h"

/* Of so many accounts each is looked at: some seconds, also where they come from another server. */
static const char MANY[] = "1000000";

static struct json_object *findings; /* NULL: lines for people */
static int failures;

static void
tell(const char *result, const char *subject, const char *what, const char *todo)
{
	struct json_object *finding;

	if (findings == NULL) {
		printf("%-4s  %s: %s\n", result, subject, what);
		if (todo != NULL)
			printf("      %s\n", todo);
		fflush(stdout);
		return;
	}
	finding = json_object_new_object();
	json_object_object_add(finding, "result", json_object_new_string(result));
	json_object_object_add(finding, "subject", json_object_new_string(subject));
	json_object_object_add(finding, "what", json_object_new_string(what));
	if (todo != NULL)
		json_object_object_add(finding, "todo", json_object_new_string(todo));
	json_object_array_add(findings, finding);
}

void
check_ok(const char *subject, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell("ok", subject, arena_vprintf(tool_arena, fmt, ap), NULL);
	va_end(ap);
}

void
check_note(const char *subject, const char *todo, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell("note", subject, arena_vprintf(tool_arena, fmt, ap), todo);
	va_end(ap);
}

void
check_fail(const char *subject, const char *todo, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell("FAIL", subject, arena_vprintf(tool_arena, fmt, ap), todo);
	va_end(ap);
	failures++;
}

/* What the programs read of people: the catalog tells of the views, the statements themselves tell the rest. */
static void
check_hookup(const struct settings *s)
{
	struct sample person = { 0 };

	if (!check_directory())
		return;
	check_changes();
	if (!check_owner()) {
		check_password_counts();
		return;
	}
	if (!check_sample(&person))
		return;
	check_words();
	check_plans(s);
	check_times(s, &person);
	check_people(MANY);
	check_passwords(MANY);
}

static void
print_json(void)
{
	struct json_object *all = json_object_new_object();

	json_object_object_add(all, "good", json_object_new_boolean(failures == 0));
	json_object_object_add(all, "findings", findings);
	tool_print_json(all);
}

int
check(int argc, char **argv)
{
	bool json = tool_json_wanted(argc, argv), usable;
	const struct settings *s;

	tool_no_more(argc, argv);
	findings = json ? json_object_new_array() : NULL;
	usable = check_settings(&s);
	check_files(s);
	check_sockets(s);
	if (check_database(s)) {
		check_roles(s);
		check_running();
		check_hookup(s);
	}
	if (json)
		print_json();
	return !usable ? EX_CONFIG : failures > 0;
}
