/* SPDX-License-Identifier: ISC */
/* postern client add, list, remove: the registered clients. */
#include "config.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/client.h"
#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/text.h"
#include "crypto/random.h"
#include "oauth/opaque.h"
#include "oauth/redirect_uri.h"
#include "oauth/scope.h"

enum { NAME_MAX_BYTES = 200 };

static const struct option add_options[] = {
	{ "id", required_argument, NULL, 'i' },
	{ "name", required_argument, NULL, 'n' },
	{ "redirect-uri", required_argument, NULL, 'r' },
	{ "type", required_argument, NULL, 't' },
	{ "auth-method", required_argument, NULL, 'm' },
	{ "scope", required_argument, NULL, 's' },
	{ "no-pkce", no_argument, NULL, 'p' },
	{ "seed-contract", no_argument, NULL, 'S' },
	{ "refresh", no_argument, NULL, 'R' },
	{ "no-rotation", no_argument, NULL, 'N' },
	{ "machine", no_argument, NULL, 'M' },
	{ "device", no_argument, NULL, 'D' },
	{ "introspect", required_argument, NULL, 'I' },
	{ 0 },
};

static const char *
one_of(const char *value, const char *what, const char *const *allowed, const char *words)
{
	for (; *allowed != NULL; allowed++) {
		if (strcmp(*allowed, value) == 0)
			return *allowed;
	}
	tool_usage("--%s %s: it is one of %s", what, value, words);
}

/* One URI more; a second time the same would count as a second one to choose from. */
static void
add_redirect_uri(struct client *c, const char *uri)
{
	const char *why, *line, *end;

	if (!redirect_uri_registrable(uri, &why))
		tool_usage("--redirect-uri %s: %s", uri, why);
	for (line = c->redirect_uris; line != NULL; line = *end == '\0' ? NULL : end + 1) {
		end = line + strcspn(line, "\n");
		if ((size_t)(end - line) == strlen(uri) && strncmp(line, uri, strlen(uri)) == 0)
			return;
	}
	c->redirect_uris = c->redirect_uris == NULL ? uri : arena_printf(tool_arena, "%s\n%s", c->redirect_uris, uri);
}

/* A native client listens on whatever port is free (RFC 8252 7.3), so its loopback URIs are kept without one. */
static void
drop_ports(struct client *c)
{
	char *rest = arena_strdup(tool_arena, c->redirect_uris), *uri;
	const char *without;

	c->redirect_uris = NULL;
	while ((uri = strsep(&rest, "\n")) != NULL) {
		if ((without = redirect_uri_portless(tool_arena, uri)) != NULL && strcmp(without, uri) != 0)
			fprintf(stderr, "postern client add: %s is registered as %s: a native client's port is its own choice\n",
			    uri, without);
		add_redirect_uri(c, without != NULL ? without : uri);
	}
}

/* Scopes or resources. */
static const char *
checked_words(const char *words, const char *option)
{
	if (!scope_valid(words))
		tool_usage("--%s: words, separated by single spaces", option);
	return words;
}

/* A client_id is VSCHAR without space (RFC 6749 A.1), so that it stands in a line of a log as it is. */
static const char *
checked_id(const char *id)
{
	const char *p;

	for (p = id; *p > ' ' && *p <= '~'; p++)
		continue;
	if (*p != '\0' || p == id || p - id > 255)
		tool_usage("--id: 1 to 255 printable ASCII characters without space");
	return id;
}

static void
set_option(struct client *c, int option, const char *value)
{
	static const char *const types[] = { "confidential", "public", "native", NULL };
	static const char *const methods[] = { "client_secret", "client_secret_basic", "client_secret_post", NULL };

	switch (option) {
	case 'i':
		c->id = checked_id(value);
		break;
	case 'n':
		c->name = value;
		break;
	case 'r':
		add_redirect_uri(c, value);
		break;
	case 't':
		c->type = one_of(value, "type", types, "confidential, public, native");
		break;
	case 'm':
		c->auth_method = one_of(value, "auth-method", methods, "client_secret_basic, client_secret_post, client_secret");
		break;
	case 's':
		c->scope = checked_words(value, "scope");
		break;
	case 'p':
		c->pkce_required = false;
		break;
	case 'R':
		c->refreshes = true;
		break;
	case 'M':
		c->machine = true;
		break;
	case 'D':
		c->device = true;
		break;
	case 'N':
		c->rotates = false;
		break;
	case 'I':
		c->introspects = checked_words(value, "introspect");
		break;
	case 'S':
		c->pkce_required = false;
		c->query_token = true;
		break;
	default:
		tool_usage("an option is wrong");
	}
}

/* Twelve random bytes: nothing secret, but never the same twice. */
static const char *
random_id(void)
{
	unsigned char bytes[12];
	char *text = arena_alloc(tool_arena, text_base64url_len(sizeof(bytes)) + 1);

	random_bytes(bytes, sizeof(bytes));
	text_base64url(text, bytes, sizeof(bytes));
	return arena_printf(tool_arena, "client-%s", text);
}

/* A resource server gets no tokens, so nothing of what is about getting them is its. */
static void
complete_introspecting(struct client *c)
{
	if (strcmp(c->type, "confidential") != 0 || c->redirect_uris != NULL || c->query_token || !c->pkce_required || c->device)
		tool_usage("--introspect: a confidential client that gets no tokens, without --redirect-uri, --no-pkce and --seed-contract");
	c->scope = "";
}

static void
complete(struct client *c)
{
	bool confidential = strcmp(c->type, "confidential") == 0;

	if (c->name == NULL)
		tool_usage("--name is missing");
	if (!tool_readable(c->name, NAME_MAX_BYTES))
		tool_usage("--name: 1 to %d bytes of UTF-8, no control characters", NAME_MAX_BYTES);
	if (c->machine && (!confidential || c->redirect_uris != NULL || c->refreshes || c->query_token || c->introspects != NULL ||
	                      c->device))
		tool_usage("--machine: a confidential client that gets tokens for itself alone, without --redirect-uri and --refresh");
	if (c->introspects != NULL)
		complete_introspecting(c);
	else if (c->redirect_uris == NULL && !c->machine && !c->device)
		tool_usage("--redirect-uri is missing");
	if (!confidential && (c->auth_method != NULL || c->query_token))
		tool_usage("a %s client has no secret: neither --auth-method nor --seed-contract", c->type);
	if (c->query_token && c->auth_method != NULL && strcmp(c->auth_method, "client_secret") != 0)
		tool_usage("--seed-contract has --auth-method client_secret");
	if (!confidential && !c->pkce_required)
		tool_usage("a %s client needs PKCE", c->type);
	if (!confidential && !c->rotates)
		tool_usage("the refresh tokens of a %s client rotate", c->type);
	if (!c->pkce_required)
		fprintf(stderr, "postern client add: warning: without PKCE an injected code can't be told from the client's own\n");
	if (c->query_token)
		c->auth_method = "client_secret";
	if (c->auth_method == NULL)
		c->auth_method = confidential ? "client_secret_basic" : "none";
	if (strcmp(c->type, "native") == 0 && c->redirect_uris != NULL)
		drop_ports(c);
	if (c->id == NULL)
		c->id = random_id();
}

static const char *
grant_types(const struct client *c)
{
	if (c->introspects != NULL)
		return "";
	if (c->machine)
		return "client_credentials";
	return arena_printf(tool_arena, "%s%s%s%s", c->redirect_uris != NULL ? "authorization_code" : "",
	    c->redirect_uris != NULL && c->device ? " " : "", c->device ? "urn:ietf:params:oauth:grant-type:device_code" : "",
	    c->refreshes ? " refresh_token" : "");
}

const char *
client_register(const struct client *c)
{
	bool has_secret = strcmp(c->auth_method, "none") != 0;
	struct opaque_new new;
	struct opaque secret;
	const PGresult *result;
	const char *verdict;

	opaque_make(&new, &secret, tool_arena, OPAQUE_SECRET);
	result = database_run(SQL_CLIENT_ADD, c->id, c->name, c->type, c->auth_method, c->redirect_uris, c->scope,
	    c->pkce_required ? "true" : "false", c->query_token ? "true" : "false", has_secret ? secret.digest : NULL,
	    tool_operator(), c->sample ? "true" : "false", grant_types(c), c->rotates ? "true" : "false", c->introspects);
	verdict = database_get(result, 0, "verdict");
	if (strcmp(verdict, "exists") == 0)
		tool_fail(EX_DATAERR, "there is a client %s already", c->id);
	if (strcmp(verdict, "unknown_scope") == 0)
		tool_fail(EX_DATAERR, "a scope is unknown; %s", database_get(result, 0, "detail"));
	if (strcmp(verdict, "unknown_resource") == 0)
		tool_fail(EX_DATAERR, "a resource is unknown; %s", database_get(result, 0, "detail"));
	return has_secret ? opaque_spell(&new, tool_arena, NULL) : NULL;
}

int
client_add(int argc, char **argv)
{
	struct client c = { .type = "confidential", .scope = "profile contacts", .pkce_required = true, .rotates = true };
	const char *secret;
	int option;

	while ((option = getopt_long(argc, argv, "", add_options, NULL)) != -1)
		set_option(&c, option, optarg);
	if (optind < argc)
		tool_usage("%s: no argument is expected", argv[optind]);
	complete(&c);
	secret = client_register(&c);
	printf("client_id      %s\n", c.id);
	if (secret != NULL)
		printf("client_secret  %s\n\nThe secret is shown this once; the database holds a digest of it alone.\n", secret);
	return 0;
}

static bool
is_true(const PGresult *result, int row, const char *column)
{
	return strcmp(database_get(result, row, column), "t") == 0;
}

static struct json_object *
words_json(const char *words)
{
	struct json_object *array = json_object_new_array();
	char *rest = arena_strdup(tool_arena, words), *word;

	while ((word = strsep(&rest, " ")) != NULL) {
		if (*word != '\0')
			json_object_array_add(array, json_object_new_string(word));
	}
	return array;
}

static void
list_json(const PGresult *result)
{
	static const char *const texts[] = { "client_id", "name", "type", "auth_method", "created_at" };
	static const char *const lists[] = { "redirect_uris", "scope", "default_scope", "introspects" };
	static const char *const flags[] = { "pkce_required", "query_token", "enabled", "sample" };
	struct json_object *all = json_object_new_array(), *one;
	size_t i;
	int row;

	for (row = 0; row < PQntuples(result); row++) {
		one = json_object_new_object();
		for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			json_object_object_add(one, texts[i], json_object_new_string(database_get(result, row, texts[i])));
		for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
			json_object_object_add(one, lists[i], words_json(database_get(result, row, lists[i])));
		for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
			json_object_object_add(one, flags[i], json_object_new_boolean(is_true(result, row, flags[i])));
		json_object_array_add(all, one);
	}
	printf("%s\n", json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(all);
}

static void
list_table(const PGresult *result)
{
	int row, width = (int)strlen("CLIENT_ID"), len;

	for (row = 0; row < PQntuples(result); row++) {
		len = (int)strlen(database_get(result, row, "client_id"));
		width = len > width ? len : width;
	}
	printf("%-*s  %-12s  %-19s  %-4s  %-8s  %s\n", width, "CLIENT_ID", "TYPE", "AUTH_METHOD", "PKCE", "STATE", "NAME");
	for (row = 0; row < PQntuples(result); row++)
		printf("%-*s  %-12s  %-19s  %-4s  %-8s  %s%s\n", width, database_get(result, row, "client_id"),
		    database_get(result, row, "type"), database_get(result, row, "auth_method"),
		    is_true(result, row, "pkce_required") ? "yes" : "no", is_true(result, row, "enabled") ? "enabled" : "disabled",
		    database_get(result, row, "name"), is_true(result, row, "sample") ? " (sample)" : "");
}

int
client_list(int argc, char **argv)
{
	static const struct option known[] = { { "json", no_argument, NULL, 'j' }, { 0 } };
	const PGresult *result;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option != 'j')
			tool_usage("an option is wrong");
		json = true;
	}
	if (optind < argc)
		tool_usage("%s: no argument is expected", argv[optind]);
	result = database_run(SQL_CLIENT_LIST, NULL);
	if (json)
		list_json(result);
	else
		list_table(result);
	return 0;
}

int
client_remove(int argc, char **argv)
{
	const char *id = tool_argument(argc, argv, "the client_id");
	const PGresult *result;

	if (optind < argc)
		tool_usage("%s: one argument is expected", argv[optind]);
	result = database_run(SQL_CLIENT_REMOVE, id, tool_operator());
	if (!is_true(result, 0, "removed"))
		tool_fail(EX_DATAERR, "there is no client %s", id);
	printf("Removed %s; its tokens are refused from now on.\n", id);
	return 0;
}
