/* SPDX-License-Identifier: ISC */
/* A statement that hangs is not asked again and again.
 *
 * What hangs is a directory on another server, behind a foreign data wrapper.  Each try costs a worker its time, and where the wrapper
 * ignores every time-out (mysql_fdw does) it also leaves a backend of PostgreSQL that hangs until the other server answers.
 *
 * For each statement there is the number of its deadlines in a row.  Some of its answers are none of the directory (that a token is unknown
 * is found out before): they neither count against it nor, when they end a probe, do more than let it be asked on probation.
 *
 * All is in words of shared memory that are each right by themselves, whoever dies when. */
#include "config.h"

#include "db/breaker.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#include "base/log.h"
#include "server/shared.h"

/* Milliseconds; LATE_MAX deadlines.  TURN is longer than any probe, for one whose worker died. */
enum { LATE_MAX = 3, FORGOTTEN = 10000, PAUSE = 300, TURN = 1000, PATIENCE = 10000 };

struct state {
	_Atomic int64_t late;          /* deadlines in a row */
	_Atomic int64_t last;          /* when the last one was */
	_Atomic int64_t due;           /* 0: it is asked; else when it is next probed */
	_Atomic int64_t since;         /* when that began */
};

struct breaker {
	_Atomic int64_t hanging;       /* a backend's PID, 0: none */
	_Atomic int64_t patience;      /* when impatience begins */
	_Atomic int64_t waited;        /* after so many milliseconds */
	struct state states[];
};

struct breaker *
breaker_new(size_t statements)
{
	return shared_new(sizeof(struct breaker) + statements * sizeof(struct state));
}

enum turn
breaker_turn(struct breaker *b, size_t statement, int64_t now)
{
	struct state *s = &b->states[statement];
	int64_t due = atomic_load(&s->due);

	if (due == 0)
		return TURN_ASK;
	if (now >= due && atomic_compare_exchange_strong(&s->due, &due, now + TURN))
		return TURN_PROBE;
	return TURN_REFUSE;
}

/* The next probe comes then.  False if the statement is asked, perhaps since another worker's probe. */
static bool
postpone(struct state *s, int64_t until)
{
	int64_t due = atomic_load(&s->due);

	if (due != 0)
		atomic_compare_exchange_strong(&s->due, &due, until);
	return due != 0;
}

static void
log_change(const char *event, const char *name, const char *key, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, number);
	log_event(LOG_WARN, event, "statement", name, key, text, NULL);
}

void
breaker_answered(struct breaker *b, size_t statement, const char *name, enum turn turn, bool well, int64_t now)
{
	struct state *s = &b->states[statement];

	if (turn != TURN_PROBE) {
		if (well && atomic_load(&s->late) != 0 && atomic_load(&s->due) == 0)
			atomic_store(&s->late, 0);
		return;
	}
	atomic_store(&s->late, well ? 0 : LATE_MAX - 1);
	atomic_store(&s->last, now);
	atomic_store(&s->due, 0);
	log_change("breaker_closed", name, "milliseconds", now - atomic_load(&s->since));
}

/* Another backend hangs than the one that was known, or the first one. */
static void
note_hanging(struct breaker *b, int backend, bool more, int64_t now)
{
	atomic_store(&b->hanging, backend);
	if (more)
		return;
	atomic_store(&b->waited, PATIENCE);
	atomic_store(&b->patience, now + PATIENCE);
}

void
breaker_late(struct breaker *b, size_t statement, const char *name, int backend, bool more, int64_t now)
{
	struct state *s = &b->states[statement];
	int64_t late, closed = 0;

	if (backend != 0)
		note_hanging(b, backend, more, now);
	if (!more && now - atomic_load(&s->last) > FORGOTTEN)
		atomic_store(&s->late, 0);
	atomic_store(&s->last, now);
	late = atomic_fetch_add(&s->late, 1) + 1;
	if (postpone(s, now + PAUSE) || (late < LATE_MAX && !(backend != 0 && more)))
		return;
	atomic_store(&s->since, now);
	if (atomic_compare_exchange_strong(&s->due, &closed, now + PAUSE))
		log_change("breaker_opened", name, "deadlines", late);
}

void
breaker_give_back(struct breaker *b, size_t statement, bool pause, int64_t now)
{
	postpone(&b->states[statement], now + (pause ? PAUSE : 0));
}

int
breaker_hanging(struct breaker *b)
{
	return (int)atomic_load(&b->hanging);
}

void
breaker_freed(struct breaker *b, int backend)
{
	int64_t was = backend;

	atomic_compare_exchange_strong(&b->hanging, &was, 0);
}

bool
breaker_impatient(struct breaker *b, int64_t now)
{
	int64_t until = atomic_load(&b->patience), wait = 2 * atomic_load(&b->waited);

	if (now < until || !atomic_compare_exchange_strong(&b->patience, &until, now + wait))
		return false;
	atomic_store(&b->waited, wait);
	return true;
}
