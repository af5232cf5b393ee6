/* SPDX-License-Identifier: ISC */
/* A statement that hangs is not asked again and again: after a few deadlines it is refused at once, by all workers of a program, and
 * one probe at a time finds out when it answers again. */
#ifndef POSTERN_BREAKER_H
#define POSTERN_BREAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct breaker;

/* Whether a statement is to be asked. */
enum turn {
	TURN_ASK = 1,
	TURN_REFUSE,
	TURN_PROBE          /* as the only one now; the caller must then say what came of it, or give the turn back */
};

/* For so many statements, in the memory that a program's workers share; made in the parent before it forks. */
struct breaker *breaker_new(size_t statements);

/* now is clock_ms() in all of these. */
enum turn breaker_turn(struct breaker *, size_t statement, int64_t now);

/* The statement answered, by a result or an error.  well: it did what it is for, so all that it needs is there; else a part of it may have
 * been left out, and what hung may hang still. */
void breaker_answered(struct breaker *, size_t statement, const char *name, enum turn, bool well, int64_t now);

/* It did not answer in time.  backend is the one that hangs in it, and hangs whatever it is told; 0 where it has given up in time.  more:
 * another one is known to hang (breaker_hanging). */
void breaker_late(struct breaker *, size_t statement, const char *name, int backend, bool more, int64_t now);

/* The probe was no probe: the next request may be one, now or after a pause. */
void breaker_give_back(struct breaker *, size_t statement, bool pause, int64_t now);

/* The backend that was left hanging last, by any statement, or 0.  As long as it does, a probe would leave another one. */
int breaker_hanging(struct breaker *);
/* It hangs no more. */
void breaker_freed(struct breaker *, int backend);
/* It has hung for so long that a probe is worth a backend: it may wait for a host that is gone for ever.  True for one caller, and for the
 * next one after twice the time. */
bool breaker_impatient(struct breaker *, int64_t now);

#endif
