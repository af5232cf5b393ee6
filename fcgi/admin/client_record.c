/* SPDX-License-Identifier: ISC */
/* A client's registration: a struct here, JSON on the way, a row of oauth.client there. */
#include "config.h"

#include <json-c/json.h>
#include <stddef.h>
#include <string.h>
#include <sysexits.h>

#include "admin/client.h"
#include "admin/database.h"
#include "admin/postern.h"
#include "admin/words.h"
#include "admin_sql.h"
#include "base/arena.h"

/* 0 is no NUMBER, and null there.  OF_POSTERN is made by the database and only read. */
enum kind { TEXT, WORDS, NUMBER, FLAG, OF_POSTERN, FLAG_OF_POSTERN };

static const struct member {
	const char *column;
	enum kind kind;
	size_t offset;
} members[] = {
	{ "client_id", TEXT, offsetof(struct client, id) },
	{ "name", TEXT, offsetof(struct client, name) },
	{ "type", TEXT, offsetof(struct client, type) },
	{ "auth_method", TEXT, offsetof(struct client, auth_method) },
	{ "redirect_uris", WORDS, offsetof(struct client, redirect_uris) },
	{ "origins", WORDS, offsetof(struct client, origins) },
	{ "grant_types", WORDS, offsetof(struct client, grant_types) },
	{ "scope", WORDS, offsetof(struct client, scope) },
	{ "default_scope", WORDS, offsetof(struct client, default_scope) },
	{ "resources", WORDS, offsetof(struct client, resources) },
	{ "default_resources", WORDS, offsetof(struct client, default_resources) },
	{ "introspects", WORDS, offsetof(struct client, introspects) },
	{ "access_seconds", NUMBER, offsetof(struct client, access_seconds) },
	{ "refresh_idle_seconds", NUMBER, offsetof(struct client, refresh_idle_seconds) },
	{ "refresh_seconds", NUMBER, offsetof(struct client, refresh_seconds) },
	{ "contacts_per_minute", NUMBER, offsetof(struct client, contacts_per_minute) },
	{ "contacts_limit", NUMBER, offsetof(struct client, contacts_limit) },
	{ "refresh_rotates", FLAG, offsetof(struct client, refresh_rotates) },
	{ "pkce_required", FLAG, offsetof(struct client, pkce_required) },
	{ "par_required", FLAG, offsetof(struct client, par_required) },
	{ "query_token", FLAG, offsetof(struct client, query_token) },
	{ "logout_ends_grants", FLAG, offsetof(struct client, logout_ends_grants) },
	{ "sample", FLAG, offsetof(struct client, sample) },
	{ "enabled", FLAG_OF_POSTERN, offsetof(struct client, enabled) },
	{ "created_at", OF_POSTERN, offsetof(struct client, created_at) },
	{ "changed_at", OF_POSTERN, offsetof(struct client, changed_at) },
};

struct client
client_new(void)
{
	return (struct client){
		.type = "confidential",
		.redirect_uris = "",
		.origins = "",
		.grant_types = "",
		.refresh_idle_seconds = 30 * 86400,
		.refresh_seconds = 365 * 86400,
		.refresh_rotates = true,
		.pkce_required = true,
	};
}

static struct json_object *
array_of(const char *words)
{
	struct json_object *array = json_object_new_array();
	const char *word;
	size_t len;

	while ((word = words_next(&words, &len)) != NULL)
		json_object_array_add(array, json_object_new_string_len(word, (int)len));
	return array;
}

static const char *
words_of(struct json_object *array)
{
	const char *words = "";
	size_t i;

	for (i = 0; i < json_object_array_length(array); i++)
		words = words_with(words, json_object_get_string(json_object_array_get_idx(array, i)));
	return words;
}

struct json_object *
client_json(const struct client *c)
{
	struct json_object *all = json_object_new_object(), *value;
	const struct member *m;

	for (m = members; m < members + sizeof(members) / sizeof(members[0]); m++) {
		const void *at = (const char *)c + m->offset;

		value = NULL;
		if (m->kind == TEXT)
			value = json_object_new_string(*(const char *const *)at);
		else if (m->kind == WORDS && *(const char *const *)at != NULL)
			value = array_of(*(const char *const *)at);
		else if (m->kind == NUMBER && *(const int64_t *)at != 0)
			value = json_object_new_int64(*(const int64_t *)at);
		else if (m->kind == FLAG)
			value = json_object_new_boolean(*(const bool *)at);
		if (m->kind != OF_POSTERN && m->kind != FLAG_OF_POSTERN)
			json_object_object_add(all, m->column, value);
	}
	return all;
}

struct client
client_of_json(struct json_object *all)
{
	struct client c = { 0 };
	const struct member *m;
	struct json_object *value;

	for (m = members; m < members + sizeof(members) / sizeof(members[0]); m++) {
		void *at = (char *)&c + m->offset;

		if (!json_object_object_get_ex(all, m->column, &value) || value == NULL)
			continue;
		if (m->kind == WORDS)
			*(const char **)at = words_of(value);
		else if (m->kind == NUMBER)
			*(int64_t *)at = json_object_get_int64(value);
		else if (m->kind == FLAG || m->kind == FLAG_OF_POSTERN)
			*(bool *)at = json_object_get_boolean(value);
		else
			*(const char **)at = json_object_get_string(value);
	}
	return c;
}

struct client
client_find(const char *id)
{
	const PGresult *row = database_run(SQL_CLIENT_LIST, id);
	struct client c;

	if (PQntuples(row) == 0)
		tool_fail(EX_DATAERR, "there is no client %s", id);
	c = client_of_json(database_json(row, 0, "client"));
	c.version = database_get(row, 0, "version");
	return c;
}

bool
client_has_secret(const struct client *c)
{
	return strncmp(c->auth_method, "client_secret", strlen("client_secret")) == 0;
}

void
client_refused(const char *verdict, const char *detail, const char *id)
{
	if (strcmp(verdict, "unknown_scope") == 0)
		tool_fail(EX_DATAERR, "a scope is unknown; the scopes are: %s", detail);
	if (strcmp(verdict, "unknown_resource") == 0)
		tool_fail(EX_DATAERR, "a resource is unknown; the resources are: %s", detail);
	if (strcmp(verdict, "exists") == 0)
		tool_fail(EX_DATAERR, "there is a client %s already", id);
	if (strcmp(verdict, "unknown_client") == 0)
		tool_fail(EX_DATAERR, "there is no client %s", id);
	if (strcmp(verdict, "raced") == 0)
		tool_fail(EX_TEMPFAIL, "somebody else has just changed %s: try again", id);
}
