/* SPDX-License-Identifier: ISC */
/* The time that deadlines are made of: it runs on whatever is done to the calendar. */
#ifndef POSTERN_CLOCK_H
#define POSTERN_CLOCK_H

#include <stdint.h>

/* Milliseconds, and nanoseconds, since an arbitrary moment, the same for all processes of a host. */
int64_t clock_ms(void);
int64_t clock_ns(void);

/* From now to that moment as poll(2) wants it: never below 0. */
int clock_left(int64_t until);

#endif
