/* SPDX-License-Identifier: ISC */
/* postern-contacts: the contacts API, the resource server. */
#include "config.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/log.h"
#include "contacts/handlers.h"
#include "contacts/limits.h"
#include "contacts_sql.h"
#include "crypto/keyring.h"
#include "db/db.h"
#include "html/page.h"
#include "http/route.h"
#include "server/program.h"

enum { REQUEST_MEMORY = 16 * 1024 * 1024 };    /* a page of a thousand contacts with long names */

static struct context context = { .routes = contacts_routes, .origin_allowed = origin_allowed };

static void
share(void)
{
	context.db = db_new("postern-contacts", contacts_statements, SQL_CONTACTS_COUNT);
	limits_share();
}

static void
start(const struct settings *settings)
{
	static struct keyring keyring;

	keyring_load(&keyring, settings->keyring);
	context.settings = settings;
	context.keyring = &keyring;
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
		.name = "postern-contacts",
		.purpose = "Serves the contacts API: /contacts, its description and metadata.",
		.settings = FOR_CONTACTS,
		.keeps_connections = true,
		.share = share,
		.start = start,
		.serve = serve,
	};

	return program_main(&program, argc, argv);
}
