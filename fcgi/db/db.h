/* SPDX-License-Identifier: ISC */
/* A worker's one connection to PostgreSQL: prepared statements, each wait with a deadline.  Knows no request. */
#ifndef POSTERN_DB_H
#define POSTERN_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;

/* One .sql file, compiled in (statements.awk): its name is the prepared statement's. */
struct statement {
	const char *name;
	const char *sql;
	int parameters;
	bool read;        /* its head comment says "read": it changes nothing and may be repeated once */
	const char *needs;     /* the relation without which there is no such statement, NULL: none */
	bool lazy;        /* what it needs of the directory it asks for by views, so a far directory only if there is an account to ask for */
};

/* The result of one statement.  Row 0 is always there: every statement returns at least one. */
struct rows;

/* The connection is opened as PG* say, with the planner's and time-out settings of ours.  statements[] outlives it.  Called in the
 * parent, before it forks: what is known of a statement that hangs (breaker.h) is for all workers. */
struct db *db_new(const char *application, const struct statement *statements, size_t n);

/* Connects and prepares everything.  A schema that doesn't fit ends the process (EX_CONFIG): a failed start, not a failed login.
 * A database that is away doesn't: false, and the next statement tries again. */
bool db_start(struct db *);

/* A new request begins: from here on all waits together take at most 900 ms. */
void db_budget(struct db *);

/* Executes a prepared statement with texts as parameters (NULL is SQL's NULL).  NULL when PostgreSQL could not be asked or
 * did not answer in time, or a while ago not several times (breaker.h); db_error says why (for the log).  A lazy one is asked all the same, and refused
 * when it comes to ask a far directory.  The result lives in the arena. */
#define db_rows(db, arena, statement, ...) \
	db_execute(db, arena, statement, (const char *const[]) { __VA_ARGS__ }, \
	    sizeof((const char *const[]) { __VA_ARGS__ }) / sizeof(const char *))
const struct rows *db_execute(struct db *, struct arena *, int statement, const char *const *values, size_t n);

/* Whether the database has what an optional statement needs, found out when the connection was made (so a view that is made later counts
 * from the next one on).  True while PostgreSQL is away: executing it says so. */
bool db_has(struct db *, int statement);

/* How often a connection was made: what was read over another one may be of another database. */
unsigned db_connections(const struct db *);

const char *db_error(const struct db *);
/* The last failure is a passing one (503): PostgreSQL away, late, or busy.  Else it is a defect of ours (500). */
bool db_away(const struct db *);

/* The number of rows. */
size_t rows_count(const struct rows *);
/* The text of a column of a row, NULL for NULL.  An unknown column is a defect and ends the process. */
const char *rows_get(const struct rows *, size_t row, const char *column);
/* The column's position, to be asked once before a long loop, and the access by it. */
int rows_column(const struct rows *, const char *column);
const char *rows_at(const struct rows *, size_t row, int column);
/* The column holds numbers (int2, int4, int8): JSON shows it bare. */
bool rows_numeric(const struct rows *, const char *column);

/* Of row 0: a text, a number (a NULL is a defect), a boolean. */
const char *row_text(const struct rows *, const char *column);
int64_t row_number(const struct rows *, const char *column);
bool row_bool(const struct rows *, const char *column);

#endif
