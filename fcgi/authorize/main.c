/* SPDX-License-Identifier: ISC */
/* postern-authorize: the pages of the authorization server. */
#include "config.h"

#include <stddef.h>

#include "authorize/handlers.h"
#include "authorize_sql.h"
#include "base/arena.h"
#include "base/log.h"
#include "crypto/keyring.h"
#include "db/db.h"
#include "html/page.h"
#include "http/route.h"
#include "server/program.h"

enum { REQUEST_MEMORY = 4 * 1024 * 1024 };

static struct context context = { .routes = authorize_routes };

static void
share(void)
{
	context.db = db_new("postern-authorize", authorize_statements, SQL_AUTHORIZE_COUNT);
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
	context.pages = page_read(settings->pages);
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
		.name = "postern-authorize",
		.purpose = "Serves the pages of the authorization server: /authorize, /login, /consent, /device, /logout, /.",
		.settings = FOR_AUTHORIZE,
		.keeps_connections = false,
		.share = share,
		.start = start,
		.serve = serve,
	};

	return program_main(&program, argc, argv);
}
