/* SPDX-License-Identifier: ISC */
/* The tool's own connection: waits as long as it takes, and any error ends the tool with PostgreSQL's words. */
#include "config.h"

#include "admin/database.h"

#include <string.h>
#include <sysexits.h>

#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"

static PGconn *connection;

/* PostgreSQL's message without its last newline. */
static const char *
words(const char *message)
{
	return arena_strndup(tool_arena, message, strlen(message) - (*message != '\0' && message[strlen(message) - 1] == '\n'));
}

static void
no_notices(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

PGconn *
database_try(const char **ret_why)
{
	static const char *const names[] = { "client_encoding", "fallback_application_name", "connect_timeout", NULL };
	static const char *const values[] = { "UTF8", "postern", "10", NULL };

	if (connection != NULL)
		return connection;
	connection = PQconnectdbParams(names, values, 0);
	if (PQstatus(connection) != CONNECTION_OK) {
		*ret_why = words(PQerrorMessage(connection));
		PQfinish(connection);
		return connection = NULL;
	}
	PQsetNoticeProcessor(connection, no_notices, NULL);
	return connection;
}

PGconn *
database_open(void)
{
	const char *why = NULL;

	if (database_try(&why) == NULL)
		tool_fail(EX_UNAVAILABLE, "%s", why);
	return connection;
}

static void
clear(void *result)
{
	PQclear(result);
}

/* A schema that isn't there is the commonest error of all. */
static void
fail(const PGresult *result, const char *what)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (state != NULL && (strcmp(state, "3F000") == 0 || strcmp(state, "42P01") == 0))
		tool_fail(EX_CONFIG, "the schema is not there or is an old one: run \"postern migrate\"");
	if (state != NULL && strcmp(state, "42501") == 0)
		tool_fail(EX_NOPERM, "the database role %s may not do that: set PGUSER to the tool's role or the owner", PQuser(connection));
	tool_fail(EX_DATAERR, "%s: %s", what, words(PQresultErrorMessage(result)));
}

PGresult *
database_execute(int statement, const char *const *values, size_t n)
{
	const struct statement *s = &admin_statements[statement];
	PGresult *result;

	if (n != (size_t)s->parameters)
		tool_fail(EX_SOFTWARE, "%s has another number of parameters", s->name);
	result = PQexecParams(database_open(), s->sql, s->parameters, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		fail(result, s->name);
	arena_defer(tool_arena, clear, result);
	return result;
}

void
database_script(const char *sql, const char *what)
{
	PGresult *result = PQexec(database_open(), sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		tool_fail(EX_DATAERR, "%s: %s", what, words(PQresultErrorMessage(result)));
	PQclear(result);
}

const char *
database_get(const PGresult *result, int row, const char *column)
{
	int i = PQfnumber(result, column);

	if (i < 0)
		tool_fail(EX_SOFTWARE, "there is no column %s", column);
	return PQgetisnull(result, row, i) ? NULL : PQgetvalue(result, row, i);
}
