/* SPDX-License-Identifier: ISC */
/* Which pages' scripts may read an answer (CORS, the Fetch standard). */
#ifndef POSTERN_CORS_H
#define POSTERN_CORS_H

struct request;

/* Adds what a browser needs to show this answer to a script, as the request's route says.  The context's origin_allowed is asked only
 * where the route is for the clients' origins and the request names one. */
void cors_answer(struct request *);

/* The methods of the request's route, separated by ", ": for Allow. */
const char *cors_methods(const struct request *);

#endif
