/* SPDX-License-Identifier: ISC */
/* The answer's headers, and sending it. */
#include "config.h"

#include "http/response.h"

#include <stddef.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/log.h"
#include "http/request.h"

void
response_header(struct request *rq, const char *name, const char *value)
{
	const char *p;

	for (p = value; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			log_fatal(
			    EX_SOFTWARE, "defect", "id", rq->id, "what", "control character in a header", "header", name, NULL);
	}
	buf_str(&rq->headers, name);
	buf_str(&rq->headers, ": ");
	buf_str(&rq->headers, value);
	buf_str(&rq->headers, "\r\n");
}

void
response_vary(struct request *rq, const char *names)
{
	rq->vary = rq->vary == NULL ? names : arena_printf(rq->arena, "%s, %s", rq->vary, names);
}

void
response_redirect(struct request *rq, const char *location)
{
	rq->status = 303;
	response_header(rq, "Location", location);
	response_header(rq, "Cache-Control", "no-store");
	response_header(rq, "Referrer-Policy", "no-referrer");
	response_header(rq, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
}

bool
response_matches(const struct request *rq, const char *tag)
{
	const char *known = request_header(rq, "IF_NONE_MATCH");

	return known != NULL && (strcmp(known, "*") == 0 || strstr(known, strchr(tag, '"')) != NULL);
}

bool
response_unchanged(struct request *rq, const char *tag)
{
	response_header(rq, "ETag", tag);
	if (!response_matches(rq, tag))
		return false;
	rq->status = 304;
	return true;
}

const char *
response_reason(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} reasons[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 204, "No Content" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 410, "Gone" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].phrase;
	}
	return "Other";
}

void
response_send(struct request *rq)
{
	struct buf head;

	if (rq->vary != NULL)
		response_header(rq, "Vary", rq->vary);
	buf_init(&head, rq->arena, rq->headers.len + 128);
	buf_printf(&head, "Status: %d %s\r\n", rq->status, response_reason(rq->status));
	buf_add(&head, rq->headers.data, rq->headers.len);
	if (rq->status != 304 && rq->status != 204)
		buf_printf(&head, "Content-Length: %zu\r\n", rq->out.len);
	buf_str(&head, "\r\n");
	FCGX_PutStr(head.data, (int)head.len, rq->fcgx->out);
	if (!request_is(rq, "HEAD"))
		FCGX_PutStr(rq->out.data, (int)rq->out.len, rq->fcgx->out);
}
