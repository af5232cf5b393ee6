/* SPDX-License-Identifier: ISC */
/* Waiting for a descriptor, but never past a deadline. */
#ifndef POSTERN_DEADLINE_H
#define POSTERN_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/* The moment so many milliseconds from now, on a clock that nobody sets. */
int64_t deadline_in(int64_t milliseconds);

/* Waits until the descriptor is ready for events (poll(2)) or the deadline has passed: true if it is ready. */
bool deadline_poll(int fd, short events, int64_t deadline);

#endif
