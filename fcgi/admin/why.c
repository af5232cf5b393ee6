/* SPDX-License-Identifier: ISC */
/* postern why: why was a request refused?  What the logs and the audit have of its id, for people or for machines. */
#include "config.h"

#include "admin/why.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/database.h"
#include "admin/logline.h"
#include "admin/logs.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/text.h"

enum { LOGS_MAX = 64, SECONDS = 60, SECONDS_MAX = 3600, NOT_FOUND = 1 };

struct options {
	const char *logs[LOGS_MAX];
	size_t count;
	int64_t seconds;
	bool json;
	const char *id;
};

static const char *wanted;      /* the id that is looked for */
static const char *time_of_log; /* of a line of ours; NULL: none */
static struct finding *first, **end = &first;

struct finding *
finding_new(const char *kind, const char *title)
{
	struct finding *f = arena_alloc(tool_arena, sizeof(*f));

	f->kind = kind;
	f->title = title;
	*end = f;
	end = &f->next;
	return f;
}

void
finding_add(struct finding *f, const char *name, const char *value)
{
	if (value == NULL || *value == '\0' || f->count == FINDING_FIELDS)
		return;
	f->fields[f->count].name = name;
	f->fields[f->count++].value = value;
}

static void
read_options(struct options *o, int argc, char **argv)
{
	static const struct option known[] = {
		{ "log", required_argument, NULL, 'l' },
		{ "seconds", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'l' && o->count < LOGS_MAX)
			o->logs[o->count++] = optarg;
		else if (c == 'j')
			o->json = true;
		else if (c != 's' || !text_number(optarg, 1, SECONDS_MAX, &o->seconds))
			tool_usage(c == 's' ? "--seconds: 1 to %d" : "an option is wrong, or there are too many", SECONDS_MAX);
	}
	o->id = tool_last_argument(argc, argv, "the request's id");
	if (strlen(o->id) != 32 || !text_only(o->id, "0123456789abcdef"))
		tool_usage("a request's id is 32 characters of 0-9a-f, as an error page or the header X-Request-Id has it");
}

/* The form of a time, so that PostgreSQL takes it; anything else is none. */
static bool
is_time(const char *text)
{
	return text != NULL && strlen(text) <= 40 && strchr(text, 'T') != NULL && text_only(text, "0123456789-T:.Z+");
}

static void
look(const char *line)
{
	struct logline l;
	const char *id;

	if (!logline_parse(&l, tool_arena, line) || (id = logline_get(&l, "id")) == NULL || strcmp(id, wanted) != 0)
		return;
	if (is_time(l.time))
		time_of_log = l.time;
	if (l.request != NULL)
		why_nginx(&l);
	else
		why_event(&l);
}

/* What the database has of it; *ret_why says what is in the way. */
static bool
ask_database(const char **ret_why)
{
	static const char *const columns[] = { "time", "event", "client", "account", "grant", "address", "detail", "count", NULL };
	const char *const values[] = { wanted, time_of_log };
	const PGresult *r;
	struct finding *f;
	bool audit;
	int row, i;

	if (database_try(ret_why) == NULL || (r = database_ask(SQL_WHY, values, 2, ret_why)) == NULL)
		return false;
	for (row = 0; row < PQntuples(r); row++) {
		audit = strcmp(database_get(r, row, "kind"), "audit") == 0;
		f = finding_new(database_get(r, row, "kind"), audit ? "In the audit" : "Counted with other failures of its minute");
		for (i = 0; columns[i] != NULL; i++)
			finding_add(f, columns[i], database_get(r, row, columns[i]));
	}
	return true;
}

static void
print_json(void)
{
	struct json_object *all = json_object_new_object(), *findings = json_object_new_array(), *one;
	const struct finding *f;
	size_t i;

	for (f = first; f != NULL; f = f->next) {
		one = json_object_new_object();
		json_object_object_add(one, "kind", json_object_new_string(f->kind));
		for (i = 0; i < f->count; i++)
			json_object_object_add(one, f->fields[i].name, json_object_new_string(f->fields[i].value));
		json_object_array_add(findings, one);
	}
	json_object_object_add(all, "request_id", json_object_new_string(wanted));
	json_object_object_add(all, "findings", findings);
	tool_print_json(all);
}

static void
print_text(void)
{
	const struct finding *f;
	size_t i;

	for (f = first; f != NULL; f = f->next) {
		printf("%s%s:\n", f == first ? "" : "\n", f->title);
		for (i = 0; i < f->count; i++)
			printf("  %-9s  %s\n", f->fields[i].name, f->fields[i].value);
	}
}

int
why(int argc, char **argv)
{
	struct options o = { .seconds = SECONDS };
	const char *trouble = NULL;
	bool asked;

	read_options(&o, argc, argv);
	wanted = o.id;
	if (o.count == 0)
		logs_journal(o.id, o.seconds, look);
	else
		logs_files(o.logs, o.count, o.id, look);
	asked = ask_database(&trouble);
	if (o.json)
		print_json();
	else
		print_text();
	if (!asked) {
		fflush(stdout);
		tool_fail(EX_UNAVAILABLE, "the audit can't be read: %s", trouble);
	}
	if (first != NULL)
		return 0;
	fprintf(stderr,
	    "postern why: nothing is known of %s; --log reads nginx's logs (postern-failure.log, postern-access.log), or one of "
	    "the services' that is not in the journal\n",
	    o.id);
	return NOT_FOUND;
}
