/* SPDX-License-Identifier: ISC */
/* A connection as a worker has it, with its planner's settings and time-outs, to try statements on: each in a transaction that is
 * rolled back, each wait with a deadline. */
#ifndef POSTERN_PROBE_H
#define POSTERN_PROBE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

/* Begins a transaction that only reads.  False where the database can't be reached any more. */
bool probe_begin(void);

/* The rest of the transaction has the rights of that role, if this user may become it, else this user's own. */
void probe_become(const char *role);

/* The rest of the transaction may take a minute and read whole tables, as no worker's may. */
void probe_patient(void);

/* Executes a text with parameters; NULL when no answer came in time, or the connection broke: then it is gone, and so is the
 * transaction.  The result, which may be an error, lives as long as the tool. */
PGresult *probe_ask(const char *sql, const char *const *values, size_t n);

/* The same with a statement that was prepared on this connection. */
PGresult *probe_execute(const char *name, const char *const *values, size_t n);
PGresult *probe_prepare(const char *name, const char *sql);

void probe_end(void);

/* PostgreSQL's SQLSTATE is this one. */
bool probe_failed(const PGresult *, const char *sqlstate);
/* PostgreSQL's words; "no answer in time" for NULL. */
const char *probe_words(const PGresult *);

#endif
