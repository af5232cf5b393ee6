/* SPDX-License-Identifier: ISC */
/* A connection as a worker has it, with its planner's settings and time-outs, to try statements on: each in a transaction that is
 * rolled back, each wait with a deadline. */
#ifndef POSTERN_PROBE_H
#define POSTERN_PROBE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

struct statement;

/* Begins a transaction that only reads.  False where the database can't be reached any more. */
bool probe_begin(void);
/* The same, but it may write until probe_read_only. */
bool probe_begin_writing(void);
void probe_read_only(void);

/* The rest of the transaction has the rights of that role, if this user may become it, else this user's own. */
void probe_become(const char *role);

/* A statement of the rest of the transaction may take so long, and read whole tables, as no worker's may. */
enum { PROBE_LOOK = 5, PROBE_SEARCH = 60 };
void probe_patient(int seconds);

/* Executes a text; NULL when no answer came in time, or the connection broke: then it is gone, and so is the transaction.  The result,
 * which may be an error, lives as long as the tool. */
PGresult *probe_ask(const char *sql);

/* The same of a statement of admin_statements[], with its parameters. */
#define probe_run(statement, ...)                                                                                                  \
	probe_execute(                                                                                                             \
	    statement, (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))
PGresult *probe_execute(int statement, const char *const *values, size_t n);

/* Prepares a statement of any program, and executes it: as often as it is asked to until probe_end. */
PGresult *probe_prepare(const struct statement *);
PGresult *probe_prepared(const struct statement *, const char *const *values);

void probe_end(void);

/* It came, and is no error. */
bool probe_good(const PGresult *);
/* PostgreSQL's SQLSTATE is this one. */
bool probe_failed(const PGresult *, const char *sqlstate);
/* PostgreSQL's words; "no answer in time" for NULL. */
const char *probe_words(const PGresult *);

#endif
