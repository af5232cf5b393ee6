/* SPDX-License-Identifier: ISC */
/* postern client enable, disable, remove: whether it may do anything at all. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/client.h"
#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"

static int
switch_to(bool enabled, const char *id)
{
	const PGresult *result = database_run(SQL_CLIENT_ENABLE, id, enabled ? "true" : "false", tool_operator());
	const char *verdict = database_get(result, 0, "verdict");

	client_refused(verdict, NULL, id);
	if (strcmp(verdict, "already") == 0)
		printf("%s is %s already.\n", id, enabled ? "enabled" : "disabled");
	else if (enabled)
		printf("Enabled %s; those of its tokens that have not expired are good again.\n", id);
	else
		printf("Disabled %s; its tokens are refused from now on.\n", id);
	return 0;
}

int
client_enable(int argc, char **argv)
{
	return switch_to(true, tool_last_argument(argc, argv, "the client_id"));
}

int
client_disable(int argc, char **argv)
{
	return switch_to(false, tool_last_argument(argc, argv, "the client_id"));
}

int
client_remove(int argc, char **argv)
{
	const char *id = tool_last_argument(argc, argv, "the client_id");
	const PGresult *result = database_run(SQL_CLIENT_REMOVE, id, tool_operator());

	if (!database_is(result, 0, "removed"))
		tool_fail(EX_DATAERR, "there is no client %s", id);
	printf("Removed %s; its tokens are refused from now on.\n", id);
	return 0;
}
