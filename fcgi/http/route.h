/* SPDX-License-Identifier: ISC */
/* From a path to its handler: a program's table of routes, and serving a request by it. */
#ifndef POSTERN_ROUTE_H
#define POSTERN_ROUTE_H

#include <fcgiapp.h>

#include "http/error.h"
#include "http/request.h"

/* GET brings HEAD along; OPTIONS is answered everywhere.  Whose scripts may read the answers (CORS): nobody's, those of the
 * clients' origins, everybody's. */
enum { GET = 1, POST = 2, CORS_CLIENTS = 4, CORS_EVERYONE = 8 };

struct route {
	/* The whole path; or, with "/" at its end (and more than that), the beginning of all paths that go on: with the rest. */
	const char *path;
	int methods;
	/* Answers the request, or refuses it: then its return value is the error. */
	enum err (*handle)(struct request *);
	/* Tells an error in the form of this endpoint: JSON, a challenge, a page. */
	void (*refused)(struct request *, enum err);
};

/* Logs a refusal that the handler itself answers: a page again, a redirect to the client.  All others are logged by route_serve. */
void route_log_refusal(const struct request *, enum err);

/* Reads, routes, answers and logs one request, and gives its memory back. */
void route_serve(const struct context *, FCGX_Request *);

#endif
