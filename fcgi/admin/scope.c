/* SPDX-License-Identifier: ISC */
/* postern scope add, list: the scopes that clients can be registered for, and what the consent page says of them. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "oauth/scope.h"

enum { SENTENCE_MAX_BYTES = 400, LANGUAGE_MAX_BYTES = 35 };

struct scope {
	const char *name, *language, *sentence;
	bool machine;
};

static void
read_options(struct scope *s, int argc, char **argv)
{
	static const struct option known[] = {
		{ "sentence", required_argument, NULL, 's' },
		{ "language", required_argument, NULL, 'l' },
		{ "machine", no_argument, NULL, 'm' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 's')
			s->sentence = optarg;
		else if (c == 'l')
			s->language = optarg;
		else if (c == 'm')
			s->machine = true;
		else
			tool_usage("an option is wrong");
	}
	s->name = tool_argument(argc, argv, "the scope");
	if (optind < argc)
		tool_usage("%s: one argument is expected", argv[optind]);
}

int
scope_add(int argc, char **argv)
{
	struct scope s = { .language = "en" };
	const PGresult *result;

	read_options(&s, argc, argv);
	if (!scope_valid(s.name) || strchr(s.name, ' ') != NULL || strlen(s.name) > 100)
		tool_usage("a scope has 1 to 100 printable ASCII characters, no space, \" or \\");
	if (s.sentence == NULL || !tool_readable(s.sentence, SENTENCE_MAX_BYTES))
		tool_usage("--sentence: what people read on the consent page, 1 to %d bytes of UTF-8", SENTENCE_MAX_BYTES);
	if (!tool_readable(s.language, LANGUAGE_MAX_BYTES))
		tool_usage("--language: a tag as in en or pt-BR");
	result = database_run(SQL_SCOPE_ADD, s.name, s.machine ? "false" : "true", s.language, s.sentence, tool_operator());
	if (strcmp(database_get(result, 0, "verdict"), "ok") != 0)
		tool_fail(EX_DATAERR, "%s is there already, %s", s.name, s.machine ? "as one for people" : "as one for machines");
	printf("Added %s; clients get it by \"postern client add --scope\".\n", s.name);
	return 0;
}

int
scope_list(int argc, char **argv)
{
	const PGresult *r;
	const char *language, *sentence;
	int row;

	if (argc > 1)
		tool_usage("%s: no argument is expected", argv[1]);
	r = database_execute(SQL_SCOPE_LIST, NULL, 0);
	printf("%-20s  %-8s  %-8s  %s\n", "SCOPE", "FOR", "LANGUAGE", "SENTENCE");
	for (row = 0; row < PQntuples(r); row++) {
		language = database_get(r, row, "language");
		sentence = database_get(r, row, "sentence");
		printf("%-20s  %-8s  %-8s  %s\n", database_get(r, row, "scope"),
		    strcmp(database_get(r, row, "needs_person"), "t") == 0 ? "people" : "machines", language == NULL ? "-" : language,
		    sentence == NULL ? "-" : sentence);
	}
	return 0;
}
