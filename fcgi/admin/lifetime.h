/* SPDX-License-Identifier: ISC */
/* Spans of time as an administrator writes and reads them: 45s, 10m, 12h, 30d. */
#ifndef POSTERN_LIFETIME_H
#define POSTERN_LIFETIME_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a number with one of s (or nothing), m, h, d after it, of least to most seconds.  *ret is untouched on failure. */
bool lifetime_read(const char *, int64_t least, int64_t most, int64_t *ret);

/* The same the other way round, in the largest unit that leaves no rest; the text is the tool's. */
const char *lifetime_say(int64_t seconds);

#endif
