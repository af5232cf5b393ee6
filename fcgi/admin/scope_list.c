/* SPDX-License-Identifier: ISC */
/* postern scope list: the scopes, what the consent page says of them, and in which of the pages' languages it can't yet. */
#include "config.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>

#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "html/language.h"

static void
line(const PGresult *r, int row, const char *language, const char *sentence)
{
	printf("%-20s  %-8s  %-8s  %s\n", database_get(r, row, "scope"),
	    database_is(r, row, "needs_person") ? "people" : "machines", language, sentence);
}

static void
list_sentences(const PGresult *r, int row, struct json_object *all)
{
	struct json_object_iterator it = json_object_iter_begin(all), end = json_object_iter_end(all);

	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
		line(r, row, json_object_iter_peek_name(&it), json_object_get_string(json_object_iter_peek_value(&it)));
}

static void
list_table(const PGresult *r)
{
	const char *const *language;
	struct json_object *all;
	int row;

	printf("%-20s  %-8s  %-8s  %s\n", "SCOPE", "FOR", "LANGUAGE", "SENTENCE");
	for (row = 0; row < PQntuples(r); row++) {
		all = database_json(r, row, "sentences");
		list_sentences(r, row, all);
		for (language = language_pages; *language != NULL; language++) {
			if (!json_object_object_get_ex(all, *language, NULL))
				line(r, row, *language, "(missing: the consent page shows the scope itself)");
		}
	}
}

static void
list_json(const PGresult *r)
{
	struct json_object *list = json_object_new_array(), *one;
	int row;

	for (row = 0; row < PQntuples(r); row++) {
		one = json_object_new_object();
		json_object_object_add(one, "scope", json_object_new_string(database_get(r, row, "scope")));
		json_object_object_add(one, "needs_person", json_object_new_boolean(database_is(r, row, "needs_person")));
		json_object_object_add(one, "sentences", json_object_get(database_json(r, row, "sentences")));
		json_object_array_add(list, one);
	}
	tool_print_json(list);
}

int
scope_list(int argc, char **argv)
{
	bool json = tool_json_wanted(argc, argv);
	const PGresult *result;

	tool_no_more(argc, argv);
	result = database_execute(SQL_SCOPE_LIST, NULL, 0);
	if (json)
		list_json(result);
	else
		list_table(result);
	return 0;
}
