/* SPDX-License-Identifier: ISC */
/* A line of a log: an event of ours (base/log.h), as it is or as journalctl shows it, or a request in nginx's formats "postern" and
 * "postern_failure". */
#ifndef POSTERN_LOGLINE_H
#define POSTERN_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { LOGLINE_PAIRS = 24 };

struct logline {
	const char *time;    /* as the line spells it; NULL: it has none */
	const char *request; /* nginx's: method, path, perhaps the protocol; NULL in a line of ours */
	const char *status;  /* nginx's */
	size_t count;
	struct {
		const char *key, *value;
	} pairs[LOGLINE_PAIRS]; /* in the order of the line */
};

/* Takes a line apart, without its newline; all parts live in the arena.  False where it is neither of ours nor of nginx's: also where
 * it holds what none of them writes (a control character, bytes that are not UTF-8), so every part can be shown on a terminal. */
bool logline_parse(struct logline *, struct arena *, const char *line);

/* A value, NULL where the line has none of that name. */
const char *logline_get(const struct logline *, const char *key);

#endif
