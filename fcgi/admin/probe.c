/* SPDX-License-Identifier: ISC */
/* A connection as a worker has it, to try statements on: each in a transaction that is rolled back, each wait with a deadline. */
#include "config.h"

#include "admin/probe.h"

#include <string.h>

#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "db/connection.h"
#include "db/deadline.h"

/* Milliseconds.  A worker waits for less (db.c): what it would give up is to be told here. */
enum { WAIT = 5000, PATIENCE = 70000 };

static PGconn *connection;
static int patience = WAIT;

static void
clear(void *result)
{
	PQclear(result);
}

/* Awaits what was sent.  A server that doesn't answer is asked to stop, and not asked again on this connection. */
static PGresult *
await(int sent)
{
	PGresult *result = sent == 1 ? connection_result(connection, deadline_in(patience)) : NULL;

	if (result == NULL) {
		connection_cancel(connection);
		PQfinish(connection);
		connection = NULL;
		return NULL;
	}
	arena_defer(tool_arena, clear, result);
	return result;
}

PGresult *
probe_ask(const char *sql, const char *const *values, size_t n)
{
	return connection == NULL ? NULL : await(PQsendQueryParams(connection, sql, (int)n, NULL, values, NULL, NULL, 0));
}

PGresult *
probe_execute(const char *name, const char *const *values, size_t n)
{
	return connection == NULL ? NULL : await(PQsendQueryPrepared(connection, name, (int)n, values, NULL, NULL, 0));
}

PGresult *
probe_prepare(const char *name, const char *sql)
{
	return connection == NULL ? NULL : await(PQsendPrepare(connection, name, sql, 0, NULL));
}

bool
probe_begin(void)
{
	char error[200];

	if (connection == NULL)
		connection = connection_open("postern", deadline_in(WAIT), error, sizeof(error));
	patience = WAIT;
	return probe_ask("begin read only", NULL, 0) != NULL;
}

/* An error would end the transaction, so it has a part of its own. */
void
probe_become(const char *role)
{
	PGresult *r;

	probe_ask("savepoint before", NULL, 0);
	r = probe_ask(admin_statements[SQL_PROBE_ROLE].sql, &role, 1);
	if (r != NULL && PQresultStatus(r) != PGRES_TUPLES_OK)
		probe_ask("rollback to before", NULL, 0);
}

void
probe_patient(void)
{
	probe_ask(admin_statements[SQL_PROBE_PATIENT].sql, NULL, 0);
	patience = PATIENCE;
}

void
probe_end(void)
{
	probe_ask("rollback", NULL, 0);
	probe_ask("deallocate all", NULL, 0);
}

bool
probe_failed(const PGresult *result, const char *sqlstate)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state != NULL && strcmp(state, sqlstate) == 0;
}

const char *
probe_words(const PGresult *result)
{
	const char *message = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (result == NULL)
		return "no answer in time";
	return message == NULL ? "no reason given" : arena_strndup(tool_arena, message, strcspn(message, "\n"));
}
