/* SPDX-License-Identifier: ISC */
/* postern scope add, change, remove: the scopes that clients can be registered for, and what the consent page says of them. */
#include "config.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "html/language.h"
#include "oauth/scope.h"

enum { SENTENCE_MAX_BYTES = 400, SCOPE_MAX = 100 };

struct scope {
	const char *name;
	struct json_object *sentences; /* by language */
	const char *needs_person;      /* "true", "false", NULL: not said */
};

/* LANGUAGE=TEXT, or TEXT in the language of who has chosen none. */
static void
add_sentence(struct scope *s, const char *value)
{
	size_t len = strcspn(value, "=");
	const char *language = language_pages[0], *text = value;

	if (value[len] == '=' && language_tag(value, len)) {
		language = arena_strndup(tool_arena, value, len);
		text = value + len + 1;
	}
	if (!tool_readable(text, SENTENCE_MAX_BYTES))
		tool_usage("--sentence: what people read on the consent page, 1 to %d bytes of UTF-8", SENTENCE_MAX_BYTES);
	if (json_object_object_get_ex(s->sentences, language, NULL))
		tool_usage("--sentence: there are two for %s", language);
	json_object_object_add(s->sentences, language, json_object_new_string(text));
}

static void
read_options(struct scope *s, int argc, char **argv)
{
	static const struct option known[] = {
		{ "sentence", required_argument, NULL, 's' },
		{ "machine", no_argument, NULL, 'm' },
		{ "person", no_argument, NULL, 'p' },
		{ 0 },
	};
	const char *person;
	int c;

	s->sentences = json_object_new_object();
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 's') {
			add_sentence(s, optarg);
			continue;
		}
		if (c == '?')
			tool_usage("an option is wrong");
		person = c == 'p' ? "true" : "false";
		if (s->needs_person != NULL && strcmp(s->needs_person, person) != 0)
			tool_usage("--machine beside --person: one of them is wanted");
		s->needs_person = person;
	}
	s->name = tool_last_argument(argc, argv, "the scope");
	if (!scope_valid(s->name) || strchr(s->name, ' ') != NULL || strlen(s->name) > SCOPE_MAX)
		tool_usage("a scope has 1 to %d printable ASCII characters, no space, \" or \\", SCOPE_MAX);
}

static const char *
sentences(const struct scope *s)
{
	const char *text = arena_strdup(tool_arena, json_object_to_json_string_ext(s->sentences, JSON_C_TO_STRING_PLAIN));

	json_object_put(s->sentences);
	return text;
}

int
scope_add(int argc, char **argv)
{
	const char *const *language;
	struct scope s = { 0 };
	const PGresult *result;
	const char *verdict;

	read_options(&s, argc, argv);
	for (language = language_pages; *language != NULL; language++) {
		if (!json_object_object_get_ex(s.sentences, *language, NULL))
			tool_usage("--sentence %s=TEXT is missing: what people read on the consent page", *language);
	}
	result =
	    database_run(SQL_SCOPE_ADD, s.name, s.needs_person == NULL ? "true" : s.needs_person, sentences(&s), tool_operator());
	verdict = database_get(result, 0, "verdict");
	if (strcmp(verdict, "exists") == 0)
		tool_fail(EX_DATAERR, "there is a scope %s already: \"postern scope change\" changes it", s.name);
	if (strcmp(verdict, "same") == 0)
		printf("%s is so already.\n", s.name);
	else
		printf("Added %s; clients get it by \"postern client add --scope\" or \"client change --scope\".\n", s.name);
	return 0;
}

int
scope_change(int argc, char **argv)
{
	struct scope s = { 0 };
	const PGresult *result;
	const char *changed;

	read_options(&s, argc, argv);
	if (s.needs_person == NULL && json_object_object_length(s.sentences) == 0)
		tool_usage("nothing to change is given");
	result = database_run(SQL_SCOPE_CHANGE, s.name, s.needs_person, sentences(&s), tool_operator());
	if (strcmp(database_get(result, 0, "verdict"), "ok") != 0)
		tool_fail(EX_DATAERR, "there is no scope %s", s.name);
	if (*(changed = database_get(result, 0, "changed")) == '\0')
		printf("%s is so already.\n", s.name);
	else
		printf("Changed of %s: %s.\n", s.name, changed);
	return 0;
}

int
scope_remove(int argc, char **argv)
{
	const char *name = tool_last_argument(argc, argv, "the scope"), *verdict;
	const PGresult *result;

	if (strcmp(name, "profile") == 0 || strcmp(name, "contacts") == 0)
		tool_fail(EX_DATAERR, "%s is what /%s asks for: it stays", name, name);
	result = database_run(SQL_SCOPE_REMOVE, name, tool_operator());
	verdict = database_get(result, 0, "verdict");
	if (strcmp(verdict, "unknown_scope") == 0)
		tool_fail(EX_DATAERR, "there is no scope %s", name);
	if (strcmp(verdict, "used") == 0)
		tool_fail(
		    EX_DATAERR, "%s stays as long as clients are registered for it: %s", name, database_get(result, 0, "detail"));
	printf("Removed %s.\n", name);
	return 0;
}
