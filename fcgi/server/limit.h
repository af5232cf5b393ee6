/* SPDX-License-Identifier: ISC */
/* How many requests a client makes, counted in memory that a program's workers share. */
#ifndef POSTERN_LIMIT_H
#define POSTERN_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct limits;

/* What a request found. */
struct limit {
	bool over;    /* it is one too many, and was not counted */
	int64_t left; /* so many more may follow at once */
	int64_t wait; /* seconds until nothing counts any more; where none is left, until one may come */
};

/* A program's table, made in the parent before it forks. */
struct limits *limit_new(void);

/* A text as the table knows it: never 0.  Nobody outside can find two with the same. */
uint64_t limit_id(const struct limits *, const char *text);

/* The same of a client's name, which the table then keeps; and the name again, for the log: NULL if it is long, or not known any more. */
uint64_t limit_named(struct limits *, const char *client);
const char *limit_name(struct limits *, uint64_t client, struct arena *);

/* Counts a request of a client that may make so many (1 to 1,000,000) in a minute, at clock_ns().
 *
 * It is a generic cell rate with room for a minute's: a client that was silent has all of them at once, and then one every 60/N
 * seconds.  What is refused does not count. */
struct limit limit_count(struct limits *, uint64_t client, int64_t per_minute, int64_t now);

/* Remembers whose a token is, and how many requests its client may make.  client 0 forgets it. */
void limit_remember(struct limits *, uint64_t token, uint64_t client, int64_t per_minute, int64_t now);

/* Whose a token was when it was remembered, or 0.  This says whom to count and nothing else: whether the token is good now, only the
 * database knows. */
uint64_t limit_recall(struct limits *, uint64_t token, int64_t now, int64_t *ret_per_minute);

#endif
