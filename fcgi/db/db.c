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

#include "base/clock.h"
#include "base/log.h"
#include "db/breaker.h"
#include "db/connection.h"
#include "db/deadline.h"
#include "db/rows.h"
#include "db_sql.h"

/* Milliseconds.  A wait is one of: connect, prepare, execute.  The server's own time-outs (connection.c) strike before ours.  BACK is
 * for a new connection after a deadline. */
enum { BUDGET = 900, WAIT = 500, BACK = 200 };

struct db {
	const char *application;
	const struct statement *statements;
	bool *absent;        /* of each optional statement: what it needs isn't there */
	size_t count;
	struct breaker *breaker;
	PGconn *conn;        /* NULL: none now */
	unsigned connections;
	int64_t budget;      /* until when this request may wait */
	int silent;          /* PID of a backend that was given up, until it is known why it was silent; 0: none */
	int suspect;         /* the statement that it was in */
	bool away;           /* the last failure was one of reaching PostgreSQL, not of what was asked */
	char error[256];     /* what it was, for the log; no secret is ever a parameter */
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
	db->breaker = breaker_new(n);
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

/* The SQLSTATE is one of these, or begins like one. */
static bool
among(const char *sqlstate, const char *const *classes)
{
	for (; sqlstate != NULL && *classes != NULL; classes++) {
		if (strncmp(sqlstate, *classes, strlen(*classes)) == 0)
			return true;
	}
	return false;
}

/* True for what says "not now" and not "not like this": connection, resources, shutdown, time-outs, a deadlock, a lock that did not come,
 * a server that only reads, a server with an error of its own, another server behind it. */
static bool
passing(const char *sqlstate)
{
	static const char *const classes[] = { "08", "53", "57", "58", "40", "55P03", "25006", "XX", "HV", NULL };

	return sqlstate == NULL || among(sqlstate, classes);
}

/* PostgreSQL has lost the other server behind it, or could not reach it.  Nothing was done, and a kept connection there is lost only
 * once. */
static bool
lost_behind(const char *sqlstate)
{
	static const char *const classes[] = { "08", "HV", NULL };

	return among(sqlstate, classes);
}

/* PostgreSQL has given the statement up after its time.  A read waits for no lock but one on a whole table, which concerns all; a write also
 * for a row, which is nobody else's matter. */
static bool
given_up(const struct statement *s, const char *sqlstate)
{
	static const char *const classes[] = { "57014", NULL }, *const also[] = { "55P03", NULL };

	return among(sqlstate, classes) || (s->read && among(sqlstate, also));
}

/* Prepares a statement.  One that the schema doesn't know is a defect of the installation: no worker may serve then.  Only what an
 * optional one needs may be missing as a whole. */
static bool
prepare(struct db *db, const struct statement *s, bool *ret_absent)
{
	static const char UNDEFINED_TABLE[] = "42P01";
	PGresult *result;
	const char *sqlstate;

	result = PQsendPrepare(db->conn, s->name, s->sql, 0, NULL) == 1 ? connection_result(db->conn, wait_until(db)) : NULL;
	sqlstate = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
	*ret_absent = s->needs != NULL && sqlstate != NULL && strcmp(sqlstate, UNDEFINED_TABLE) == 0;
	if ((result != NULL && PQresultStatus(result) == PGRES_COMMAND_OK) || *ret_absent) {
		PQclear(result);
		return true;
	}
	if (!passing(sqlstate))
		log_fatal(EX_CONFIG, "schema_mismatch", "statement", s->name, "sqlstate", sqlstate,
		    "message", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
		    "do", "run \"postern migrate\" with the version of this program", NULL);
	fail(db, true, "cannot prepare %s: %s", s->name, result == NULL ? "no answer in time" : sqlstate);
	PQclear(result);
	return false;
}

static bool
prepare_all(struct db *db)
{
	bool absent;
	size_t i;

	for (i = 0; i < db->count; i++) {
		if (!prepare(db, &db->statements[i], &db->absent[i]))
			return false;
	}
	return prepare(db, &db_statements[SQL_HANGING], &absent) && prepare(db, &db_statements[SQL_APART], &absent);
}

static bool
connect_now(struct db *db)
{
	char error[200];

	if ((db->conn = connection_open(db->application, wait_until(db), error, sizeof(error))) == NULL) {
		fail(db, true, "cannot connect: %s", error);
		return false;
	}
	if (!prepare_all(db)) {
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

/* What sending a statement came to. */
enum outcome {
	ANSWERED = 1,
	REFUSED,              /* an error */
	BEHIND,               /* an error: PostgreSQL can't ask the other server behind it */
	GIVEN_UP,             /* PostgreSQL has ended it after its time */
	SILENT,               /* no answer in time, and none is waited for any more */
	LOST                  /* the connection broke, or there was none */
};

static enum outcome
no_result(struct db *db, const struct statement *s)
{
	bool lost = PQstatus(db->conn) == CONNECTION_BAD;

	fail(db, true, "%s: %s", s->name, lost ? "the connection was lost" : "no answer in time");
	if (!lost) {
		db->silent = PQbackendPID(db->conn);
		connection_cancel(db->conn);
	}
	drop(db);
	return lost ? LOST : SILENT;
}

/* Sends one statement once and takes its result; NULL where it did not answer. */
static enum outcome
ask_once(struct db *db, const struct statement *s, const char *const *values, PGresult **ret)
{
	PGresult *result;
	const char *sqlstate;
	enum outcome outcome;

	*ret = NULL;
	if (PQsendQueryPrepared(db->conn, s->name, s->parameters, values, NULL, NULL, 0) != 1 ||
	    (result = connection_result(db->conn, wait_until(db))) == NULL)
		return no_result(db, s);
	if (PQresultStatus(result) == PGRES_TUPLES_OK) {
		*ret = result;
		return ANSWERED;
	}
	sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	fail(db, passing(sqlstate), "%s: %s %s", s->name, sqlstate == NULL ? "" : sqlstate, sqlstate == NULL ?
	    PQresultErrorMessage(result) : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	outcome = given_up(s, sqlstate) ? GIVEN_UP : lost_behind(sqlstate) ? BEHIND : REFUSED;
	PQclear(result);
	if (PQstatus(db->conn) != CONNECTION_BAD)
		return outcome;
	drop(db);
	return LOST;
}

static bool
hangs(struct db *db, int backend)
{
	char pid[16];
	const char *const values[] = { pid };
	PGresult *result;
	bool still;

	snprintf(pid, sizeof(pid), "%d", backend);
	if (backend == 0 || db->conn == NULL || ask_once(db, &db_statements[SQL_HANGING], values, &result) != ANSWERED)
		return false;
	still = PQgetvalue(result, 0, PQfnumber(result, "hanging"))[0] == 't';
	PQclear(result);
	return still;
}

/* A backend that was left hanging still is. */
static bool
hanging(struct db *db)
{
	int backend = breaker_hanging(db->breaker);
	bool still = hangs(db, backend);

	if (!still && db->conn != NULL)
		breaker_freed(db->breaker, backend);
	return still;
}

/* A statement was silent before this connection was made.  It is to blame if its backend hangs in it; where PostgreSQL as a whole was to
 * blame, that has gone by now. */
static void
judge_silence(struct db *db)
{
	const struct statement *s = &db->statements[db->suspect];
	bool more;

	if (db->silent != 0 && hangs(db, db->silent)) {
		more = hanging(db);
		breaker_late(db->breaker, (size_t)db->suspect, s->name, db->silent, more, clock_ms());
	}
	db->silent = 0;
}

static bool
connected(struct db *db)
{
	if (db->conn != NULL)
		return true;
	if (!connect_now(db))
		return false;
	judge_silence(db);
	return db->conn != NULL;
}

/* Once more where that may help and can't do anything twice. */
static enum outcome
ask(struct db *db, const struct statement *s, const char *const *values, PGresult **ret)
{
	enum outcome outcome = LOST;
	int tries;

	*ret = NULL;
	for (tries = 2; tries > 0; tries--) {
		if (!connected(db))
			return LOST;
		outcome = ask_once(db, s, values, ret);
		if (outcome != BEHIND && !(outcome == LOST && s->read))
			break;
	}
	return outcome;
}

/* After a deadline: a new connection is needed anyway, and says who is to blame.  A busy machine does it with the next request. */
static void
reconnect(struct db *db, int statement)
{
	int64_t budget = db->budget, soon = deadline_in(BACK);

	db->suspect = statement;
	db->budget = soon < budget ? soon : budget;
	connected(db);
	db->budget = budget;
	fail(db, true, "%s: no answer in time", db->statements[statement].name);
}

/* The statement did what it is for. */
static bool
well(const PGresult *result)
{
	int verdict = PQfnumber(result, "verdict");

	return verdict >= 0 && PQntuples(result) > 0 && strcmp(PQgetvalue(result, 0, verdict), "ok") == 0;
}

/* Tells the breaker. */
static void
report(struct db *db, int statement, enum turn turn, enum outcome outcome, const PGresult *result)
{
	const char *name = db->statements[statement].name;
	size_t n = (size_t)statement;

	switch (outcome) {
	case ANSWERED:
	case REFUSED:
	case BEHIND:
		breaker_answered(db->breaker, n, name, turn, outcome == ANSWERED && well(result), clock_ms());
		break;
	case GIVEN_UP:
		breaker_late(db->breaker, n, name, 0, false, clock_ms());
		break;
	case SILENT:
		reconnect(db, statement);
		break;
	case LOST:
		if (turn == TURN_PROBE)
			breaker_give_back(db->breaker, n, false, clock_ms());
	}
}

/* Whether the statement is sent; not while it hangs. */
static enum turn
take_turn(struct db *db, int statement)
{
	enum turn turn = breaker_turn(db->breaker, (size_t)statement, clock_ms());

	if (turn == TURN_PROBE && hanging(db) && !breaker_impatient(db->breaker, clock_ms())) {
		breaker_give_back(db->breaker, (size_t)statement, true, clock_ms());
		turn = TURN_REFUSE;
	}
	return turn;
}

/* False: accounts are not on another server, or PostgreSQL can't be told. */
static bool
set_directory(struct db *db, const char *state)
{
	const char *const values[] = { state };
	PGresult *result;
	bool set;

	if (ask_once(db, &db_statements[SQL_APART], values, &result) != ANSWERED)
		return false;
	set = PQntuples(result) == 1 && !PQgetisnull(result, 0, PQfnumber(result, "state"));
	PQclear(result);
	return set;
}

/* Asks a lazy statement while it hangs: it fails if it needs the directory.  NULL: it does, or may. */
static PGresult *
ask_apart(struct db *db, int statement, const char *const *values)
{
	const struct statement *s = &db->statements[statement];
	PGresult *result;

	db->suspect = statement;
	if (!s->lazy || !set_directory(db, "away"))
		return NULL;
	if (ask_once(db, s, values, &result) == SILENT)
		reconnect(db, statement);
	else if (!set_directory(db, "there"))
		drop(db);
	return result;
}

/* Asks as the breaker lets it. */
static PGresult *
ask_in_turn(struct db *db, int statement, const char *const *values)
{
	const struct statement *s = &db->statements[statement];
	enum turn turn = take_turn(db, statement);
	enum outcome outcome;
	PGresult *result;

	if (turn != TURN_ASK && (result = ask_apart(db, statement, values)) != NULL) {
		if (turn == TURN_PROBE)
			breaker_give_back(db->breaker, (size_t)statement, false, clock_ms());
		return result;
	}
	if (turn == TURN_REFUSE) {
		fail(db, true, "%s: not asked, since it gave no answer lately", s->name);
		return NULL;
	}
	outcome = ask(db, s, values, &result);
	report(db, statement, turn, outcome, result);
	return result;
}

const struct rows *
db_execute(struct db *db, struct arena *arena, int statement, const char *const *values, size_t n)
{
	const struct statement *s = &db->statements[statement];
	PGresult *result;

	if (n != (size_t)s->parameters)
		log_fatal(EX_SOFTWARE, "defect", "statement", s->name, "what", "another number of parameters", NULL);
	/* A read finds out by itself, and asks again. */
	if (!s->read && db->conn != NULL && connection_closed(db->conn))
		drop(db);
	if (!connected(db) || (result = ask_in_turn(db, statement, values)) == NULL)
		return NULL;
	if (PQntuples(result) == 0)
		log_fatal(EX_SOFTWARE, "defect", "statement", s->name, "what", "no row", NULL);
	return rows_new(arena, result);
}

bool
db_has(struct db *db, int statement)
{
	return !connected(db) || !db->absent[statement];
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
