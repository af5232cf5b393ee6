/* SPDX-License-Identifier: ISC */
/* postern client list, show: the registered clients, and all about one of them. */
#include "config.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/client.h"
#include "admin/database.h"
#include "admin/lifetime.h"
#include "admin/postern.h"
#include "admin/words.h"
#include "admin_sql.h"
#include "base/arena.h"

static const char *
yes(bool flag)
{
	return flag ? "yes" : "no";
}

static const char *
state(const struct client *c)
{
	return c->enabled ? "enabled" : "disabled";
}

static void
list_json(const PGresult *result)
{
	struct json_object *all = json_object_new_array();
	int row;

	for (row = 0; row < PQntuples(result); row++)
		json_object_array_add(all, json_object_get(database_json(result, row, "client")));
	tool_print_json(all);
}

static void
list_table(const PGresult *result)
{
	int n = PQntuples(result), row, width = (int)strlen("CLIENT_ID"), len;
	struct client *all = arena_array(tool_arena, (size_t)n + 1, sizeof(*all)), *c;

	for (row = 0; row < n; row++) {
		all[row] = client_of_json(database_json(result, row, "client"));
		len = (int)strlen(all[row].id);
		width = len > width ? len : width;
	}
	printf("%-*s  %-12s  %-19s  %-4s  %-8s  %s\n", width, "CLIENT_ID", "TYPE", "AUTH_METHOD", "PKCE", "STATE", "NAME");
	for (c = all; c < all + n; c++)
		printf("%-*s  %-12s  %-19s  %-4s  %-8s  %s%s\n", width, c->id, c->type, c->auth_method, yes(c->pkce_required),
		    state(c), c->name, c->sample ? " (sample)" : "");
}

int
client_list(int argc, char **argv)
{
	bool json = tool_json_wanted(argc, argv);
	const PGresult *result;

	tool_no_more(argc, argv);
	result = database_run(SQL_CLIENT_LIST, NULL);
	if (json)
		list_json(result);
	else
		list_table(result);
	return 0;
}

static void
line(const char *label, const char *text)
{
	printf("%-20s  %s\n", label, *text == '\0' ? "(none)" : text);
}

/* A line for each word. */
static void
lines(const char *label, const char *words)
{
	const char *word;
	size_t len;

	if (*words == '\0')
		line(label, "");
	for (; (word = words_next(&words, &len)) != NULL; label = "")
		line(label, arena_strndup(tool_arena, word, len));
}

static void
show_secrets(const PGresult *more)
{
	const char *end;
	int row;

	for (row = 0; row < PQntuples(more); row++) {
		end = database_get(more, row, "expires_at");
		if (database_get(more, row, "created_at") == NULL)
			line("Secrets", "");
		else
			line(row == 0 ? "Secrets" : "",
			    arena_printf(tool_arena, "since %s%s%s", database_get(more, row, "created_at"),
			        end == NULL                         ? "" :
			            database_is(more, row, "valid") ? ", until " :
			                                              ", ended ",
			        end == NULL ? "" : end));
	}
}

static const char *
number(int64_t n, const char *unit, const char *otherwise)
{
	return n == 0 ? otherwise : arena_printf(tool_arena, "%lld%s", (long long)n, unit);
}

static void
show_contacts(const struct client *c)
{
	line("Contacts requests", number(c->contacts_per_minute, " in a minute", "as the setting says"));
	line("Contacts on a page", number(c->contacts_limit, ", where it names no limit", "100, where it names no limit"));
}

/* What is about getting tokens: nothing of that is a resource server's. */
static void
show_tokens(const struct client *c)
{
	lines("Redirect URIs", c->redirect_uris);
	lines("Origins", c->origins);
	lines("Grants", c->grant_types);
	line("Scope", c->scope);
	line("Default scope", c->default_scope);
	line("Resources", c->resources);
	line("Default resources", c->default_resources);
	line("PKCE required", yes(c->pkce_required));
	line("Pushed requests only", yes(c->par_required));
	line("Access token life", c->access_seconds == 0 ? "as the setting says" : lifetime_say(c->access_seconds));
	if (words_have(c->grant_types, GRANT_REFRESH))
		line("Refresh tokens",
		    arena_printf(tool_arena, "%s, unused at most %s, in all at most %s",
		        c->refresh_rotates ? "each use gives a new one" : "they stay the same",
		        lifetime_say(c->refresh_idle_seconds), lifetime_say(c->refresh_seconds)));
	if (words_have(c->scope, "contacts"))
		show_contacts(c);
	line("Tokens in the query", yes(c->query_token));
	line("Logout ends grants", yes(c->logout_ends_grants));
}

static void
show_table(const struct client *c, const PGresult *more)
{
	line("Client", c->id);
	line("Name", c->name);
	line("Type", c->type);
	line("State", arena_printf(tool_arena, "%s%s", state(c), c->sample ? " (sample)" : ""));
	line("Registered", c->created_at);
	line("Last changed", c->changed_at);
	line("Authentication", c->auth_method);
	show_secrets(more);
	if (c->introspects != NULL)
		line("Asks about tokens for", c->introspects);
	else {
		show_tokens(c);
		line("Living grants", database_get(more, 0, "living_grants"));
	}
}

static void
show_json(struct json_object *all, const PGresult *more)
{
	struct json_object *secrets = json_object_new_array(), *one;
	const char *end;
	int row;

	for (row = 0; row < PQntuples(more) && database_get(more, row, "created_at") != NULL; row++) {
		one = json_object_new_object();
		end = database_get(more, row, "expires_at");
		json_object_object_add(one, "created_at", json_object_new_string(database_get(more, row, "created_at")));
		json_object_object_add(one, "expires_at", end == NULL ? NULL : json_object_new_string(end));
		json_object_object_add(one, "valid", json_object_new_boolean(database_is(more, row, "valid")));
		json_object_array_add(secrets, one);
	}
	json_object_object_add(all, "secrets", secrets);
	json_object_object_add(
	    all, "living_grants", json_object_new_int64(strtoll(database_get(more, 0, "living_grants"), NULL, 10)));
	tool_print_json(json_object_get(all));
}

int
client_show(int argc, char **argv)
{
	bool json = tool_json_wanted(argc, argv);
	const char *id = tool_last_argument(argc, argv, "the client_id");
	const PGresult *row, *more;
	struct client c;

	row = database_run(SQL_CLIENT_LIST, id);
	if (PQntuples(row) == 0)
		tool_fail(EX_DATAERR, "there is no client %s", id);
	more = database_run(SQL_CLIENT_SHOW, id);
	c = client_of_json(database_json(row, 0, "client"));
	if (json)
		show_json(database_json(row, 0, "client"), more);
	else
		show_table(&c, more);
	return 0;
}
