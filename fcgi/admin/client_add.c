/* SPDX-License-Identifier: ISC */
/* postern client add, change: what a client is registered as. */
#include "config.h"

#include <json-c/json.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "admin/client.h"
#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/text.h"
#include "crypto/random.h"
#include "oauth/opaque.h"

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

static void
warn(const struct client *c)
{
	if (!c->pkce_required)
		fprintf(stderr, "postern: warning: without PKCE an injected code can't be told from the client's own\n");
}

/* The registration as a statement's parameter. */
static const char *
parameter(const struct client *c)
{
	struct json_object *json = client_json(c);
	const char *text = arena_strdup(tool_arena, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));

	json_object_put(json);
	return text;
}

const char *
client_register(const struct client *c)
{
	struct opaque_new new;
	struct opaque secret;
	const PGresult *result;

	opaque_make(&new, &secret, tool_arena, OPAQUE_SECRET);
	result = database_run(SQL_CLIENT_ADD, parameter(c), client_has_secret(c) ? secret.digest : NULL, tool_operator());
	client_refused(database_get(result, 0, "verdict"), database_get(result, 0, "detail"), c->id);
	return client_has_secret(c) ? opaque_spell(&new, tool_arena, NULL) : NULL;
}

void
client_print_credentials(const char *id, const char *secret)
{
	printf("client_id      %s\n", id);
	if (secret != NULL)
		printf("client_secret  %s\n\nThe secret is shown this once; the database holds a digest of it alone.\n", secret);
}

int
client_add(int argc, char **argv)
{
	struct client c = client_new();

	client_options(&c, false, argc, argv);
	if (c.id == NULL)
		c.id = random_id();
	warn(&c);
	client_print_credentials(c.id, client_register(&c));
	return 0;
}

int
client_change(int argc, char **argv)
{
	const PGresult *result;
	const char *changed;
	struct client c;

	client_options(&c, true, argc, argv);
	result = database_run(SQL_CLIENT_CHANGE, parameter(&c), c.version, tool_operator());
	client_refused(database_get(result, 0, "verdict"), database_get(result, 0, "detail"), c.id);
	changed = database_get(result, 0, "changed");
	if (strstr(changed, "pkce_required") != NULL)
		warn(&c);
	if (*changed == '\0')
		printf("%s is so already.\n", c.id);
	else
		printf("Changed of %s: %s.\n", c.id, changed);
	return 0;
}
