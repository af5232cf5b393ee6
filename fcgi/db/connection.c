/* SPDX-License-Identifier: ISC */
/* A connection to PostgreSQL, made and asked without ever waiting past a deadline.
 *
 * libpq's own time-outs are of no use here: connect_timeout counts whole seconds from two, and statement_timeout is kept by the
 * backend, which may be what hangs.  So everything is sent without waiting and awaited by poll(2). */
#include "config.h"

#include "db/connection.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/deadline.h"

/* The planner's settings are measured choices: a statement is prepared once and planned once, for whatever a table will hold
 * later, so it must go by index even while the table is nearly empty.  The time-outs stay below the worker's own; that of a lock is the
 * shorter one, so that an error tells which it was. */
static const char SESSION[] =
    "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off "
    "-c enable_memoize=off -c enable_sort=off -c jit=off -c statement_timeout=350 -c lock_timeout=300 "
    "-c idle_in_transaction_session_timeout=5000 -c TimeZone=UTC -c search_path=pg_catalog -c client_min_messages=warning";

static void
say(char *error, size_t size, const char *message)
{
	snprintf(error, size, "%s", message);
	error[strcspn(error, "\n")] = '\0';
}

static bool
handshake(PGconn *conn, int64_t deadline)
{
	PostgresPollingStatusType next;

	for (next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK; next = PQconnectPoll(conn)) {
		if (next == PGRES_POLLING_FAILED)
			return false;
		if (!deadline_poll(PQsocket(conn), next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
			return false;
	}
	return true;
}

PGconn *
connection_open(const char *application, int64_t deadline, char *error, size_t size)
{
	static const char *const names[] = { "options", "client_encoding", "fallback_application_name", NULL };
	const char *values[] = { SESSION, "UTF8", application, NULL };
	PGconn *conn;

	if ((conn = PQconnectStartParams(names, values, 0)) == NULL) {
		say(error, size, "no memory for a connection");
		return NULL;
	}
	if (PQstatus(conn) == CONNECTION_BAD || !handshake(conn, deadline)) {
		say(error, size, PQstatus(conn) == CONNECTION_BAD ? PQerrorMessage(conn) : "no answer to the connection in time");
		PQfinish(conn);
		return NULL;
	}
	if (PQsetnonblocking(conn, 1) != 0) {
		say(error, size, PQerrorMessage(conn));
		PQfinish(conn);
		return NULL;
	}
	return conn;
}

/* Sends what libpq still holds.  While the server doesn't read, what it sends must be read. */
static bool
flush(PGconn *conn, int64_t deadline)
{
	int left;

	while ((left = PQflush(conn)) > 0) {
		if (!deadline_poll(PQsocket(conn), POLLIN | POLLOUT, deadline) || PQconsumeInput(conn) == 0)
			return false;
	}
	return left == 0;
}

PGresult *
connection_result(PGconn *conn, int64_t deadline)
{
	PGresult *result = NULL, *next;

	if (!flush(conn, deadline))
		return NULL;
	for (;;) {
		while (PQisBusy(conn)) {
			if (!deadline_poll(PQsocket(conn), POLLIN, deadline) || PQconsumeInput(conn) == 0) {
				PQclear(result);
				return NULL;
			}
		}
		if ((next = PQgetResult(conn)) == NULL)
			return result;
		PQclear(result);
		result = next;
	}
}

bool
connection_closed(const PGconn *conn)
{
	return PQstatus(conn) == CONNECTION_BAD || deadline_poll(PQsocket(conn), POLLIN, 0);
}

/* The grandchild belongs to init, so nobody has to wait for it; it holds none of our descriptors, and an alarm ends it. */
static void
cancel_in_child(PGcancel *cancel)
{
	char ignored[256];

	if (fork() == 0) {
		close_range(STDERR_FILENO + 1, ~0U, 0);
		alarm(2);
		PQcancel(cancel, ignored, sizeof(ignored));
	}
	_exit(0);
}

void
connection_cancel(PGconn *conn)
{
	PGcancel *cancel;
	pid_t pid;

	if ((cancel = PQgetCancel(conn)) == NULL)
		return;
	if ((pid = fork()) == 0)
		cancel_in_child(cancel);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	PQfreeCancel(cancel);
}
