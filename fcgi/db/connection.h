/* SPDX-License-Identifier: ISC */
/* A connection to PostgreSQL, made and asked without ever waiting past a deadline. */
#ifndef POSTERN_CONNECTION_H
#define POSTERN_CONNECTION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Connects as PG* say.  NULL and a sentence in error when it can't be done in time. */
PGconn *connection_open(const char *application, int64_t deadline, char *error, size_t size);

/* Waits for the one result of what was sent last.  NULL when the deadline passed or the connection broke: then the connection
 * is of no use any more, for an answer may still be on its way. */
PGresult *connection_result(PGconn *, int64_t deadline);

/* True if the server has closed the connection while it was idle, as a restart of it does.  That it ends is all that it has to say
 * then; the message comes before the end, so anything to read counts. */
bool connection_closed(const PGconn *);

/* Asks the server to stop what the connection runs.  It may hang as well, so a child of ours does it. */
void connection_cancel(PGconn *);

#endif
