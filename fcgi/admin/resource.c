/* SPDX-License-Identifier: ISC */
/* postern resource add, list, remove: what tokens can be for, beside /profile and /contacts (RFC 8707). */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/text.h"
#include "oauth/redirect_uri.h"
#include "server/settings.h"

enum { NAME_MAX_BYTES = 64 };

/* The URIs of /profile and /contacts are settings. */
static bool
is_ours(const char *uri)
{
	const struct settings *settings = settings_read(FOR_SHEET);

	return strcmp(uri, settings->contacts_url) == 0 ||
	    strcmp(uri, arena_printf(tool_arena, "%s/profile", settings->issuer)) == 0;
}

/* An absolute URI without fragment and query (RFC 8707 2), with a host: its metadata stand there (RFC 9728 3.1). */
static void
check_uri(const char *uri)
{
	const char *why;

	if (!redirect_uri_registrable(tool_arena, uri, &why))
		tool_usage("%s: %s", uri, why);
	if (strncmp(uri, "https://", 8) != 0 && strncmp(uri, "http://", 7) != 0)
		tool_usage("%s: it is neither https nor http on this host", uri);
	if (strchr(uri, '?') != NULL)
		tool_usage("%s: it has a query", uri);
	if (is_ours(uri))
		tool_usage("%s: it is a resource of Postern's own", uri);
}

int
resource_add(int argc, char **argv)
{
	const char *name = tool_argument(argc, argv, "the short name"), *uri = tool_last_argument(argc, argv, "the URI");
	const PGresult *result;

	if (!text_only(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") || *name == '\0' || strlen(name) > NAME_MAX_BYTES)
		tool_usage("a short name has 1 to %d characters: small letters, digits, dot, underscore, hyphen", NAME_MAX_BYTES);
	check_uri(uri);
	result = database_run(SQL_RESOURCE_ADD, name, uri, tool_operator());
	if (strcmp(database_get(result, 0, "verdict"), "ok") != 0)
		tool_fail(EX_DATAERR, "there is already: %s", database_get(result, 0, "detail"));
	printf("Added %s, which clients call %s.\n", name, uri);
	return 0;
}

static void
list_json(const PGresult *result)
{
	struct json_object *all = json_object_new_array(), *one;
	const char *uri;
	int row;

	for (row = 0; row < PQntuples(result); row++) {
		one = json_object_new_object();
		json_object_object_add(one, "name", json_object_new_string(database_get(result, row, "resource")));
		if ((uri = database_get(result, row, "uri")) != NULL)
			json_object_object_add(one, "uri", json_object_new_string(uri));
		json_object_array_add(all, one);
	}
	tool_print_json(all);
}

static void
list_table(const PGresult *result)
{
	const char *uri;
	int row;

	printf("%-20s  %-7s  %s\n", "RESOURCE", "CLIENTS", "URI");
	for (row = 0; row < PQntuples(result); row++) {
		uri = database_get(result, row, "uri");
		printf("%-20s  %-7s  %s\n", database_get(result, row, "resource"), database_get(result, row, "clients"),
		    uri != NULL ? uri : "(a setting)");
	}
}

int
resource_list(int argc, char **argv)
{
	bool json = tool_json_wanted(argc, argv);
	const PGresult *result;

	tool_no_more(argc, argv);
	result = database_execute(SQL_RESOURCE_LIST, NULL, 0);
	if (json)
		list_json(result);
	else
		list_table(result);
	return 0;
}

int
resource_remove(int argc, char **argv)
{
	const char *name = tool_last_argument(argc, argv, "the short name"), *verdict;
	const PGresult *result;

	result = database_run(SQL_RESOURCE_REMOVE, name, tool_operator());
	verdict = database_get(result, 0, "verdict");
	if (strcmp(verdict, "unknown_resource") == 0)
		tool_fail(EX_DATAERR, "there is no resource %s", name);
	if (strcmp(verdict, "ours") == 0)
		tool_fail(EX_DATAERR, "%s is Postern's own", name);
	if (strcmp(verdict, "used") == 0)
		tool_fail(EX_DATAERR, "clients are registered for it: %s", database_get(result, 0, "detail"));
	printf("Removed %s.\n", name);
	return 0;
}
