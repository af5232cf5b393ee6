/* SPDX-License-Identifier: ISC */
/* A connection as a worker has it, to try statements on: each in a transaction that is rolled back, each wait with a deadline. */
#include "config.h"

#include "admin/probe.h"

#include <string.h>
#include <sysexits.h>

#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/text.h"
#include "db/connection.h"
#include "db/deadline.h"

/* Milliseconds.  A worker waits for less (db.c): what it would give up is to be told here. */
enum { WAIT = 5000 };

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
probe_ask(const char *sql)
{
	return connection == NULL ? NULL : await(PQsendQuery(connection, sql));
}

PGresult *
probe_execute(int statement, const char *const *values, size_t n)
{
	const struct statement *s = &admin_statements[statement];

	if (n != (size_t)s->parameters)
		tool_fail(EX_SOFTWARE, "%s has another number of parameters", s->name);
	return connection == NULL ? NULL : await(PQsendQueryParams(connection, s->sql, (int)n, NULL, values, NULL, NULL, 0));
}

PGresult *
probe_prepare(const struct statement *s)
{
	return connection == NULL ? NULL : await(PQsendPrepare(connection, s->name, s->sql, 0, NULL));
}

PGresult *
probe_prepared(const struct statement *s, const char *const *values)
{
	return connection == NULL ? NULL : await(PQsendQueryPrepared(connection, s->name, s->parameters, values, NULL, NULL, 0));
}

static bool
begin(const char *how)
{
	char error[200];

	if (connection == NULL)
		connection = connection_open("postern", deadline_in(WAIT), error, sizeof(error));
	patience = WAIT;
	return probe_good(probe_ask(how));
}

bool
probe_begin(void)
{
	return begin("begin read only");
}

bool
probe_begin_writing(void)
{
	return begin("begin");
}

void
probe_read_only(void)
{
	probe_ask("set transaction read only");
}

/* An error would end the transaction, so it has a part of its own. */
void
probe_become(const char *role)
{
	probe_ask("savepoint before");
	if (!probe_good(probe_run(SQL_PROBE_ROLE, role)))
		probe_ask("rollback to before");
}

void
probe_patient(int seconds)
{
	probe_run(SQL_PROBE_PATIENT, text_decimal(tool_arena, seconds));
	patience = seconds * 1000 + WAIT;
}

void
probe_end(void)
{
	probe_ask("rollback");
	probe_ask("deallocate all");
}

bool
probe_good(const PGresult *result)
{
	return result != NULL && (PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK);
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
