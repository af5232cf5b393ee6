/* SPDX-License-Identifier: ISC */
/* The time that deadlines are made of: it runs on whatever is done to the calendar. */
#ifndef POSTERN_CLOCK_H
#define POSTERN_CLOCK_H

#include <stdint.h>

/* Milliseconds since an arbitrary moment. */
int64_t clock_ms(void);

/* From now to that moment as poll(2) wants it: never below 0. */
int clock_left(int64_t until);

#endif
