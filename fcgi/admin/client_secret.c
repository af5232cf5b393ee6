/* SPDX-License-Identifier: ISC */
/* postern client rotate-secret, remove-secret: a second secret beside the first, and an end for one of two. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/client.h"
#include "admin/database.h"
#include "admin/lifetime.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/text.h"
#include "oauth/opaque.h"

enum { KEEP_DEFAULT = 7 * 86400, KEEP_MAX = 365 * 86400 };

static void
refused(const char *verdict, const char *id)
{
	client_refused(verdict, NULL, id);
	if (strcmp(verdict, "no_secret") == 0)
		tool_fail(EX_DATAERR, "%s has no secret: it doesn't authenticate by one", id);
	if (strcmp(verdict, "two") == 0)
		tool_fail(EX_DATAERR,
		    "%s has two valid secrets already: end one by \"postern client remove-secret\", or both at once by --keep 0",
		    id);
	if (strcmp(verdict, "one") == 0)
		tool_fail(EX_DATAERR, "%s has no second secret that is valid (\"postern client disable\" stops it)", id);
}

int
client_rotate_secret(int argc, char **argv)
{
	static const struct option known[] = { { "keep", required_argument, NULL, 'k' }, { 0 } };
	const char *id, *until;
	const PGresult *result;
	int64_t keep = KEEP_DEFAULT;
	struct opaque_new new;
	struct opaque secret;
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option != 'k')
			tool_usage("an option is wrong");
		if (!lifetime_read(optarg, 0, KEEP_MAX, &keep))
			tool_usage("--keep %s: a time up to 365d, as in 12h or 7d; 0: the old secret ends at once", optarg);
	}
	id = tool_last_argument(argc, argv, "the client_id");
	opaque_make(&new, &secret, tool_arena, OPAQUE_SECRET);
	result =
	    database_run(SQL_CLIENT_SECRET, id, secret.digest, text_decimal(tool_arena, keep), tool_operator());
	refused(database_get(result, 0, "verdict"), id);
	until = database_get(result, 0, "until");
	client_print_credentials(id, opaque_spell(&new, tool_arena, NULL));
	printf("The old one is %s%s.\n", until == NULL ? "refused from now on" : "good until ", until == NULL ? "" : until);
	return 0;
}

int
client_remove_secret(int argc, char **argv)
{
	static const struct option known[] = { { "newest", no_argument, NULL, 'n' }, { 0 } };
	bool newest = false;
	const char *id;
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option != 'n')
			tool_usage("an option is wrong");
		newest = true;
	}
	id = tool_last_argument(argc, argv, "the client_id");
	refused(
	    database_get(database_run(SQL_CLIENT_SECRET_REMOVE, id, newest ? "true" : "false", tool_operator()), 0, "verdict"), id);
	printf("The %s secret of %s is refused from now on; the other one has no end.\n", newest ? "newer" : "older", id);
	return 0;
}
