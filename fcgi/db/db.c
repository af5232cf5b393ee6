/* SPDX-License-Identifier: ISC */
/* A worker's one connection to PostgreSQL: prepared statements, each wait with a deadline. */
#include "config.h"

#include "db/db.h"

#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/log.h"
#include "db/connection.h"
#include "db/deadline.h"

/* Milliseconds.  A wait is one of: connect, prepare, execute.  The server's own time-outs (connection.c) strike before ours. */
enum { BUDGET = 900, WAIT = 500 };

struct db {
	const char *application;
	const struct statement *statements;
	bool *absent;        /* of each optional statement: what it needs isn't there */
	size_t count;
	PGconn *conn;        /* NULL: none now */
	unsigned connections;
	int64_t budget;      /* until when this request may wait */
	bool away;           /* the last failure was one of reaching PostgreSQL, not of what was asked */
	char error[256];     /* what it was, for the log; no secret is ever a parameter */
};

struct rows {
	PGresult *result;
};

struct db *
db_new(const char *application, const struct statement *statements, size_t n)
{
	struct db *db;

	if ((db = calloc(1, sizeof(*db))) == NULL || (db->absent = calloc(n, sizeof(*db->absent))) == NULL)
		log_fatal(EX_OSERR, "out_of_memory", NULL);
	db->application = application;
	db->statements = statements;
	db->count = n;
	return db;
}

static int64_t
wait_until(const struct db *db)
{
	int64_t wait = deadline_in(WAIT);

	return wait < db->budget ? wait : db->budget;
}

__attribute__((format(printf, 3, 4))) static void
fail(struct db *db, bool away, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(db->error, sizeof(db->error), fmt, ap);
	va_end(ap);
	db->error[strcspn(db->error, "\n")] = '\0';
	db->away = away;
}

static void
drop(struct db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
}

/* True for the SQLSTATEs that say "not now" and not "not like this": connection, resources, shutdown, time-outs, a deadlock, a lock
 * that did not come, a server that only reads, a server with an error of its own. */
static bool
passing(const char *sqlstate)
{
	static const char *const classes[] = { "08", "53", "57", "58", "40", "55P03", "25006", "XX" };
	size_t i;

	if (sqlstate == NULL)
		return true;
	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strncmp(sqlstate, classes[i], strlen(classes[i])) == 0)
			return true;
	}
	return false;
}

/* Prepares all statements.  One that the schema doesn't know is a defect of the installation: no worker may serve then.  Only what an
 * optional one needs may be missing as a whole. */
static bool
prepare(struct db *db)
{
	static const char UNDEFINED_TABLE[] = "42P01";
	const struct statement *s;
	PGresult *result;
	const char *sqlstate;

	for (s = db->statements; s < db->statements + db->count; s++) {
		result = PQsendPrepare(db->conn, s->name, s->sql, 0, NULL) == 1 ?
		    connection_result(db->conn, wait_until(db)) : NULL;
		sqlstate = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
		db->absent[s - db->statements] = s->needs != NULL && sqlstate != NULL && strcmp(sqlstate, UNDEFINED_TABLE) == 0;
		if ((result != NULL && PQresultStatus(result) == PGRES_COMMAND_OK) || db->absent[s - db->statements]) {
			PQclear(result);
			continue;
		}
		if (!passing(sqlstate))
			log_fatal(EX_CONFIG, "schema_mismatch", "statement", s->name, "sqlstate", sqlstate,
			    "message", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
			    "do", "run \"postern migrate\" with the version of this program", NULL);
		fail(db, true, "cannot prepare %s: %s", s->name, result == NULL ? "no answer in time" : sqlstate);
		PQclear(result);
		return false;
	}
	return true;
}

static bool
connect_now(struct db *db)
{
	char error[200];

	if ((db->conn = connection_open(db->application, wait_until(db), error, sizeof(error))) == NULL) {
		fail(db, true, "cannot connect: %s", error);
		return false;
	}
	if (!prepare(db)) {
		drop(db);
		return false;
	}
	db->connections++;
	log_event(LOG_INFO, "database_connected", NULL);
	return true;
}

/* libpq finds a wrong PGPORT or PGSSLMODE before it tries to connect, and begins its words so. */
bool
db_start(struct db *db)
{
	db_budget(db);
	if (connect_now(db))
		return true;
	if (strncmp(db->error, "cannot connect: invalid ", strlen("cannot connect: invalid ")) == 0)
		log_fatal(EX_CONFIG, "setting_wrong", "name", "PG*", "message", db->error, NULL);
	return false;
}

void
db_budget(struct db *db)
{
	db->budget = deadline_in(BUDGET);
}

static void
clear_result(void *result)
{
	PQclear(result);
}

/* Sends one statement and takes its result; NULL when there is none, and then *ret_again says whether the connection was lost in a
 * way that a new one may mend. */
static PGresult *
ask(struct db *db, const struct statement *s, const char *const *values, bool *ret_again)
{
	PGresult *result;
	const char *sqlstate;

	*ret_again = false;
	if (PQsendQueryPrepared(db->conn, s->name, s->parameters, values, NULL, NULL, 0) != 1 ||
	    (result = connection_result(db->conn, wait_until(db))) == NULL) {
		*ret_again = PQstatus(db->conn) == CONNECTION_BAD;
		fail(db, true, "%s: %s", s->name, *ret_again ? "the connection was lost" : "no answer in time");
		if (!*ret_again)
			connection_cancel(db->conn);
		drop(db);
		return NULL;
	}
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		return result;
	sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	fail(db, passing(sqlstate), "%s: %s %s", s->name, sqlstate == NULL ? "" : sqlstate, sqlstate == NULL ?
	    PQresultErrorMessage(result) : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	PQclear(result);
	if (PQstatus(db->conn) == CONNECTION_BAD) {
		*ret_again = true;
		drop(db);
	}
	return NULL;
}

const struct rows *
db_execute(struct db *db, struct arena *arena, int statement, const char *const *values, size_t n)
{
	const struct statement *s = &db->statements[statement];
	struct rows *rows;
	PGresult *result = NULL;
	bool again = true;
	int tries;

	if (n != (size_t)s->parameters)
		log_fatal(EX_SOFTWARE, "defect", "statement", s->name, "what", "another number of parameters", NULL);
	/* A read finds out by itself, and asks again. */
	if (!s->read && db->conn != NULL && connection_closed(db->conn))
		drop(db);
	for (tries = s->read ? 2 : 1; result == NULL && again && tries > 0; tries--) {
		if (db->conn == NULL && !connect_now(db))
			return NULL;
		result = ask(db, s, values, &again);
	}
	if (result == NULL)
		return NULL;
	arena_defer(arena, clear_result, result);
	if (PQntuples(result) == 0)
		log_fatal(EX_SOFTWARE, "defect", "statement", s->name, "what", "no row", NULL);
	rows = arena_alloc(arena, sizeof(*rows));
	rows->result = result;
	return rows;
}

bool
db_has(struct db *db, int statement)
{
	return (db->conn == NULL && !connect_now(db)) || !db->absent[statement];
}

unsigned
db_connections(const struct db *db)
{
	return db->connections;
}

const char *
db_error(const struct db *db)
{
	return db->error;
}

bool
db_away(const struct db *db)
{
	return db->away;
}

size_t
rows_count(const struct rows *rows)
{
	return (size_t)PQntuples(rows->result);
}

int
rows_column(const struct rows *rows, const char *column)
{
	int i;

	if ((i = PQfnumber(rows->result, column)) < 0)
		log_fatal(EX_SOFTWARE, "defect", "what", "no such column", "column", column, NULL);
	return i;
}

const char *
rows_at(const struct rows *rows, size_t row, int column)
{
	return PQgetisnull(rows->result, (int)row, column) ? NULL : PQgetvalue(rows->result, (int)row, column);
}

const char *
rows_get(const struct rows *rows, size_t row, const char *column)
{
	return rows_at(rows, row, rows_column(rows, column));
}

bool
rows_numeric(const struct rows *rows, const char *column)
{
	enum { INT8 = 20, INT2 = 21, INT4 = 23 };    /* OIDs of pg_type, fixed for ever */
	Oid type = PQftype(rows->result, rows_column(rows, column));

	return type == INT2 || type == INT4 || type == INT8;
}

const char *
row_text(const struct rows *rows, const char *column)
{
	return rows_get(rows, 0, column);
}

int64_t
row_number(const struct rows *rows, const char *column)
{
	const char *text = row_text(rows, column);
	char *end;
	long long n;

	if (text == NULL || (n = strtoll(text, &end, 10), *end != '\0' || end == text))
		log_fatal(EX_SOFTWARE, "defect", "what", "no number", "column", column, NULL);
	return n;
}

bool
row_bool(const struct rows *rows, const char *column)
{
	const char *text = row_text(rows, column);

	return text != NULL && text[0] == 't';
}
