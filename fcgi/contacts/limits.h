/* SPDX-License-Identifier: ISC */
/* The limit of a client's requests to the contacts API: counted, told in headers, and refused beyond it. */
#ifndef POSTERN_LIMITS_H
#define POSTERN_LIMITS_H

#include "http/error.h"

struct bearer;
struct request;
struct rows;

/* Makes what the workers share, in the parent. */
void limits_share(void);

/* Before the database is asked: counts the request if its token was a good one lately.  OK, or ERR_TOO_MANY_REQUESTS.  Nothing else follows
 * from it: what the token allows is for the statement to say. */
enum err limits_known(struct request *, const struct bearer *);

/* After a statement with the columns client_id and per_minute said e: counts the request if limits_known could not, and remembers whose its
 * token is.  e, or ERR_TOO_MANY_REQUESTS. */
enum err limits_judged(struct request *, const struct rows *, enum err e);

#endif
