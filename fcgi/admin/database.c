/* SPDX-License-Identifier: ISC */
/* The tool's own connection: no deadlines but for locks; an error ends the tool with PostgreSQL's words. */
#include "config.h"

#include "admin/database.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"

/* Nobody's objects stand in for PostgreSQL's own; a warning is the administrator's to read. */
static const char SESSION[] = "-c search_path=pg_catalog -c lock_timeout=30s -c client_min_messages=warning -c TimeZone=UTC";

static PGconn *connection;

/* PostgreSQL's message without its last newline. */
static const char *
words(const char *message)
{
	return arena_strndup(tool_arena, message, strlen(message) - (*message != '\0' && message[strlen(message) - 1] == '\n'));
}

static void
show_warning(void *arg, const char *message)
{
	(void)arg;
	fprintf(stderr, "postern: %s", message);
}

PGconn *
database_try(const char **ret_why)
{
	static const char *const names[] = { "options", "client_encoding", "fallback_application_name", "connect_timeout", NULL };
	const char *const values[] = { SESSION, "UTF8", "postern", getenv("PGCONNECT_TIMEOUT") == NULL ? "10" : NULL, NULL };

	if (connection != NULL)
		return connection;
	connection = PQconnectdbParams(names, values, 0);
	if (PQstatus(connection) != CONNECTION_OK) {
		*ret_why = words(PQerrorMessage(connection));
		PQfinish(connection);
		return connection = NULL;
	}
	PQsetNoticeProcessor(connection, show_warning, NULL);
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

/* What an error's SQLSTATE means for the tool's exit status. */
static int
status_of(const PGresult *result)
{
	static const struct {
		const char *state;
		int status;
	} known[] = {
		{ "3F000", EX_CONFIG },                           /* no such schema */
		{ "42P01", EX_CONFIG },                           /* no such table */
		{ "42501", EX_NOPERM }, { "55P03", EX_TEMPFAIL }, /* lock_timeout */
	};
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	size_t i;

	if (state == NULL)
		return EX_UNAVAILABLE;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(state, known[i].state) == 0)
			return known[i].status;
	}
	return EX_DATAERR;
}

/* A rule that the database keeps by itself has a name that says it. */
static const char *
explain_rule(const char *what, const char *constraint)
{
	char *words_of_it = arena_strdup(tool_arena, constraint), *p;

	for (p = words_of_it; (p = strchr(p, '_')) != NULL; *p = ' ')
		continue;
	return arena_printf(tool_arena, "%s: against a rule of the database: %s", what, words_of_it);
}

/* What to tell of an error.  PostgreSQL's DETAIL is left out: it shows whole rows. */
static const char *
explain(const PGresult *result, const char *what)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

	switch (status_of(result)) {
	case EX_UNAVAILABLE:
		return words(PQerrorMessage(connection));
	case EX_CONFIG:
		return "the schema is not there or is an old one: run \"postern migrate\"";
	case EX_NOPERM:
		return arena_printf(tool_arena,
		    "the database role %s may not do that (%s): set PGUSER to the tool's role or the owner", PQuser(connection),
		    message);
	case EX_TEMPFAIL:
		return arena_printf(tool_arena, "%s: somebody else holds a lock that this needs: try again later", what);
	default:
		return constraint != NULL ? explain_rule(what, constraint) : arena_printf(tool_arena, "%s: %s", what, message);
	}
}

static const struct statement *
statement_of(int statement, size_t n)
{
	const struct statement *s = &admin_statements[statement];

	if (n != (size_t)s->parameters)
		tool_fail(EX_SOFTWARE, "%s has another number of parameters", s->name);
	return s;
}

static PGresult *
execute(int statement, const char *const *values, size_t n)
{
	const struct statement *s = statement_of(statement, n);
	PGresult *result = PQexecParams(database_open(), s->sql, s->parameters, NULL, values, NULL, NULL, 0);

	arena_defer(tool_arena, clear, result);
	return result;
}

PGresult *
database_ask(int statement, const char *const *values, size_t n, const char **ret_why)
{
	PGresult *result = execute(statement, values, n);

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		return result;
	*ret_why = explain(result, admin_statements[statement].name);
	return NULL;
}

/* Ends the tool where the result is not of that kind. */
static void
demand(const PGresult *result, ExecStatusType status, int statement)
{
	if (PQresultStatus(result) != status)
		tool_fail(status_of(result), "%s", explain(result, admin_statements[statement].name));
}

PGresult *
database_execute(int statement, const char *const *values, size_t n)
{
	PGresult *result = execute(statement, values, n);

	demand(result, PGRES_TUPLES_OK, statement);
	return result;
}

int64_t
database_number(int statement, const char *column, const char *const *values, size_t n)
{
	const struct statement *s = statement_of(statement, n);
	PGresult *result = PQexecParams(database_open(), s->sql, s->parameters, NULL, values, NULL, NULL, 0);
	const char *text;
	int64_t number;

	demand(result, PGRES_TUPLES_OK, statement);
	text = database_get(result, 0, column);
	number = text == NULL ? 0 : strtoll(text, NULL, 10);
	PQclear(result);
	return number;
}

void
database_run_script(int statement)
{
	PGresult *result = PQexec(database_open(), statement_of(statement, 0)->sql);

	demand(result, PGRES_COMMAND_OK, statement);
	PQclear(result);
}

void
database_copy(int statement, const char *rows, size_t len)
{
	PGconn *conn = database_open();
	PGresult *result = PQexec(conn, statement_of(statement, 0)->sql);

	demand(result, PGRES_COPY_IN, statement);
	PQclear(result);
	if (len > INT_MAX || PQputCopyData(conn, rows, (int)len) != 1 || PQputCopyEnd(conn, NULL) != 1)
		tool_fail(EX_UNAVAILABLE, "%s", words(PQerrorMessage(conn)));
	result = PQgetResult(conn);
	demand(result, PGRES_COMMAND_OK, statement);
	PQclear(result);
	while ((result = PQgetResult(conn)) != NULL)
		PQclear(result);
}

static int streamed;

void
database_stream(int statement, const char *const *values, size_t n)
{
	const struct statement *s = statement_of(statement, n);
	PGconn *conn = database_open();

	streamed = statement;
	if (PQsendQueryParams(conn, s->sql, s->parameters, NULL, values, NULL, NULL, 0) != 1 || PQsetSingleRowMode(conn) != 1)
		tool_fail(EX_UNAVAILABLE, "%s", words(PQerrorMessage(conn)));
}

const PGresult *
database_next(void)
{
	static PGresult *result;

	PQclear(result);
	if ((result = PQgetResult(database_open())) != NULL && PQresultStatus(result) == PGRES_SINGLE_TUPLE)
		return result;
	for (; result != NULL; result = PQgetResult(database_open())) {
		demand(result, PGRES_TUPLES_OK, streamed);
		PQclear(result);
	}
	return NULL;
}

void
database_script(const char *sql, const char *what)
{
	PGresult *result = PQexec(database_open(), sql);

	arena_defer(tool_arena, clear, result);
	/* All of PostgreSQL's words: they say where in the text. */
	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		tool_fail(status_of(result), "%s: %s", what, words(PQresultErrorMessage(result)));
}

const char *
database_get(const PGresult *result, int row, const char *column)
{
	int i = PQfnumber(result, column);

	if (i < 0)
		tool_fail(EX_SOFTWARE, "there is no column %s", column);
	return PQgetisnull(result, row, i) ? NULL : PQgetvalue(result, row, i);
}

bool
database_is(const PGresult *result, int row, const char *column)
{
	const char *value = database_get(result, row, column);

	return value != NULL && strcmp(value, "t") == 0;
}

static void
put(void *json)
{
	json_object_put(json);
}

struct json_object *
database_json(const PGresult *result, int row, const char *column)
{
	struct json_object *json = json_tokener_parse(database_get(result, row, column));

	if (json == NULL)
		tool_fail(EX_SOFTWARE, "the column %s is no JSON", column);
	arena_defer(tool_arena, put, json);
	return json;
}
