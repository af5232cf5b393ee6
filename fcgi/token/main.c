/* SPDX-License-Identifier: ISC */
/* postern-token: what a client's machine calls at the authorization server. */
#include "config.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/log.h"
#include "crypto/keyring.h"
#include "db/db.h"
#include "http/route.h"
#include "server/program.h"
#include "token/handlers.h"
#include "token_sql.h"

enum { REQUEST_MEMORY = 1024 * 1024 };

static struct context context = { .routes = token_routes, .refusing = client_failure, .origin_allowed = origin_allowed };

static void
share(void)
{
	context.db = db_new("postern-token", token_statements, SQL_TOKEN_COUNT);
}

static void
start(const struct settings *settings)
{
	static struct keyring keyring, device_keyring;

	keyring_load(&keyring, settings->keyring);
	keyring_load(&device_keyring, settings->device_keyring);
	context.settings = settings;
	context.keyring = &keyring;
	context.device_keyring = &device_keyring;
	context.arena = arena_new(REQUEST_MEMORY);
	if (!db_start(context.db))
		log_event(LOG_ERROR, "database_away", "detail", db_error(context.db), NULL);
}

static void
serve(FCGX_Request *fcgx)
{
	db_budget(context.db);
	route_serve(&context, fcgx);
}

int
main(int argc, char **argv)
{
	static const struct program program = {
		.name = "postern-token",
		.purpose = "Serves what machines call at the authorization server: /token, /par, /device_authorization, /revoke, "
		    "/introspect, /profile, /check, metadata.",
		.settings = FOR_TOKEN,
		.keeps_connections = true,
		.share = share,
		.start = start,
		.serve = serve,
	};

	return program_main(&program, argc, argv);
}
