/* SPDX-License-Identifier: ISC */
/* Which pages' scripts may read an answer (CORS, the Fetch standard).
 *
 * A preflight (OPTIONS) names no client, so it is answered for an origin of any; the request that follows, for its own client's.
 * Nothing here says what a request may do: that is the token's and the client's authentication, which no browser sends by itself. */
#include "config.h"

#include "http/cors.h"

#include <stdbool.h>
#include <stddef.h>

#include "http/origin.h"
#include "http/request.h"
#include "http/response.h"
#include "http/route.h"

const char *
cors_methods(const struct request *rq)
{
	switch (rq->route->methods & (GET | POST)) {
	case GET:
		return "GET, HEAD, OPTIONS";
	case POST:
		return "POST, OPTIONS";
	default:
		return "GET, HEAD, POST, OPTIONS";
	}
}

/* What can be no client's origin is not asked for (nor does it get into a log); a database that was away a moment ago neither. */
static bool
allowed(struct request *rq, const char *origin)
{
	const char *why;

	return origin != NULL && origin_valid(origin, &why) && rq->status != 503 && rq->context->origin_allowed(rq, origin);
}

void
cors_answer(struct request *rq)
{
	const char *origin;
	bool everyone = (rq->route->methods & CORS_EVERYONE) != 0;

	if (!everyone && (rq->route->methods & CORS_CLIENTS) == 0)
		return;
	origin = request_header(rq, "ORIGIN");
	if (!everyone)
		response_vary(rq, "Origin");
	if (!everyone && !allowed(rq, origin))
		return;
	response_header(rq, "Access-Control-Allow-Origin", everyone ? "*" : origin);
	if (request_is(rq, "OPTIONS")) {
		response_header(rq, "Access-Control-Allow-Methods", cors_methods(rq));
		response_header(rq, "Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match");
		response_header(rq, "Access-Control-Max-Age", "3600");
	} else {
		response_header(rq, "Access-Control-Expose-Headers", "WWW-Authenticate, ETag, Link, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id");
	}
}
