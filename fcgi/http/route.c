/* SPDX-License-Identifier: ISC */
/* From a path to its handler: a program's table of routes, and serving a request by it. */
#include "config.h"

#include "http/route.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "http/cors.h"
#include "http/response.h"

/* Finds the request's route, and its rest. */
static void
find(struct request *rq)
{
	const struct route *r;
	size_t n;

	for (r = rq->context->routes; r->path != NULL; r++) {
		n = strlen(r->path);
		if (strcmp(rq->path, r->path) == 0 && (n == 1 || r->path[n - 1] != '/'))
			break;
		if (n > 1 && r->path[n - 1] == '/' && strncmp(rq->path, r->path, n) == 0 && rq->path[n] != '\0') {
			rq->rest = rq->path + n;
			break;
		}
	}
	rq->route = r;
}

static bool
allowed(const struct request *rq, int methods)
{
	if (request_is(rq, "POST"))
		return (methods & POST) != 0;
	return (methods & GET) != 0 && (request_is(rq, "GET") || request_is(rq, "HEAD"));
}

/* What is the matter with the request as such comes last: who asks in the wrong place, or by the wrong method, hears that first. */
static enum err
handle(struct request *rq, enum err read)
{
	const struct route *r = rq->route;

	if (r->path == NULL)
		return refuse(rq, ERR_NOT_FOUND, "no such path");
	if (request_is(rq, "OPTIONS")) {
		response_header(rq, "Allow", cors_methods(rq));
		rq->status = 204;
		return OK;
	}
	if (!allowed(rq, r->methods)) {
		response_header(rq, "Allow", cors_methods(rq));
		return refuse(rq, ERR_METHOD_NOT_ALLOWED, "method %s", rq->method);
	}
	return read == OK ? r->handle(rq) : read;
}

void
route_log_refusal(const struct request *rq, enum err e)
{
	log_event(error_status(e) >= 500 ? LOG_ERROR : LOG_INFO, "refused", "id", rq->id, "method", rq->method,
	    "path", rq->rest == NULL ? rq->path : rq->route->path,
	    "error", error_name(e), "client", rq->asking.client_id, "parameter", rq->parameter, "detail", rq->detail, "address",
	    rq->address, NULL);
}

static void
answer_error(struct request *rq, enum err e)
{
	route_log_refusal(rq, e);
	rq->out.len = 0;
	rq->status = error_status(e);
	if (rq->status == 503 && rq->retry_after == 0)
		rq->retry_after = 1;
	if (rq->retry_after > 0)
		response_header(rq, "Retry-After", text_decimal(rq->arena, rq->retry_after));
	rq->route->refused(rq, e);
}

void
route_serve(const struct context *context, FCGX_Request *fcgx)
{
	struct request rq;
	enum err e;

	e = request_read(&rq, context, fcgx);
	find(&rq);
	if ((e = handle(&rq, e)) != OK)
		answer_error(&rq, context->refusing == NULL ? e : context->refusing(&rq, e));
	cors_answer(&rq);
	response_send(&rq);
	arena_reset(context->arena);
}
