/* SPDX-License-Identifier: ISC */
/* How far a long run is: a bar on the terminal with count, rate and the time that remains; elsewhere a line a minute. */
#ifndef POSTERN_PROGRESS_H
#define POSTERN_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

/* What is counted, for the bar: all that progress_line needs. */
struct progress_state {
	const char *what;      /* plural, as in "contacts" */
	int64_t total, done;   /* of one unit, be it rows or bytes of a file; total 0: not known */
	int64_t count;         /* how many are done */
	int64_t rate;          /* of count, a second */
	int64_t elapsed, left; /* milliseconds; left -1: not known */
};

/* There is one at a time, on stderr.  It begins here; what must live until progress_end. */
void progress_begin(const char *what, int64_t total);

/* So much is done: done of total, and the number of things, which may be the same.  Cheap: it draws five times a second at most. */
void progress_at(int64_t done, int64_t count);

/* Takes the bar from the terminal, so that something else can be written; the next progress_at draws it again. */
void progress_clear(void);

/* It is over: nothing of the bar stays. */
void progress_end(void);

/* The line for a terminal of that width: as much of it as has room.  out holds width + 1 bytes. */
void progress_line(char *out, size_t width, const struct progress_state *);

#endif
