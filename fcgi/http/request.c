/* SPDX-License-Identifier: ISC */
/* One request: what came, checked; what goes back; and what the handlers need on the way. */
#include "config.h"

#include "http/request.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/text.h"

/* Of nginx's parameters only these are asked for; HTTP_HOST and HTTP_X_FORWARDED_* never decide anything (RFC 9700 4.13). */
static const char *
fcgi_param(const struct request *rq, const char *name)
{
	const char *value = FCGX_GetParam(name, rq->fcgx->envp);

	return value == NULL || *value == '\0' ? NULL : value;
}

const char *
request_header(const struct request *rq, const char *name)
{
	const char *value = fcgi_param(rq, arena_printf(rq->arena, "HTTP_%s", name));

	return value != NULL && strlen(value) > HEADER_MAX ? NULL : value;
}

const char *
request_location(const struct request *rq, const char *name)
{
	return fcgi_param(rq, arena_printf(rq->arena, "POSTERN_%s", name));
}

bool
request_is(const struct request *rq, const char *method)
{
	return strcmp(rq->method, method) == 0;
}

/* Reads the body to its end in any case, so that a kept connection stays in step.  Memory is taken for what was announced, and one
 * byte more that shows a longer one. */
static enum err
read_body(struct request *rq, char **ret_body, size_t *ret_len)
{
	const char *text = fcgi_param(rq, "CONTENT_LENGTH");
	int64_t announced = BODY_MAX;
	bool known = text != NULL && text_number(text, 0, BODY_MAX, &announced);
	char *body = arena_alloc(rq->arena, (size_t)announced + 1), drop[4096];
	int n = FCGX_GetStr(body, (int)announced + 1, rq->fcgx->in);
	size_t len = n < 0 ? 0 : (size_t)n;

	while ((n = FCGX_GetStr(drop, sizeof(drop), rq->fcgx->in)) > 0)
		len += (size_t)n;
	if (len > BODY_MAX)
		return refuse(rq, ERR_TOO_LARGE, "body over %d bytes", BODY_MAX);
	if (text != NULL && (!known || (size_t)announced != len))
		return refuse(rq, ERR_INVALID_REQUEST, "the body has %zu bytes, announced were %s", len, text);
	*ret_body = body;
	*ret_len = len;
	return OK;
}

static bool
is_form(const char *content_type)
{
	static const char form[] = "application/x-www-form-urlencoded";
	size_t n = sizeof(form) - 1;

	return content_type != NULL && strncasecmp(content_type, form, n) == 0 && strchr("; \t", content_type[n]) != NULL;
}

static enum err
parse_body(struct request *rq)
{
	char *body = NULL;
	size_t len = 0;
	enum err e;

	if (!request_is(rq, "POST"))
		return OK;
	if ((e = read_body(rq, &body, &len)) != OK)
		return e;
	if (len > 0 && !is_form(fcgi_param(rq, "CONTENT_TYPE")))
		return refuse(rq, ERR_UNSUPPORTED_MEDIA_TYPE, "Content-Type is %s",
		    fcgi_param(rq, "CONTENT_TYPE") == NULL ? "missing" : fcgi_param(rq, "CONTENT_TYPE"));
	form_parse(&rq->body, rq->arena, body, len);
	return rq->body.fault == OK ? OK : refuse(rq, rq->body.fault, "more than %d parameters", FORM_PARAMETERS);
}

enum err
request_read(struct request *rq, const struct context *context, FCGX_Request *fcgx)
{
	const char *text;
	enum err e;

	memset(rq, 0, sizeof(*rq));
	rq->fcgx = fcgx;
	rq->context = context;
	rq->settings = context->settings;
	rq->arena = context->arena;
	rq->db = context->db;
	rq->status = 200;
	rq->query.fault = rq->body.fault = OK;
	buf_init(&rq->headers, rq->arena, 1024);
	buf_init(&rq->out, rq->arena, 4096);

	rq->id = (text = fcgi_param(rq, "REQUEST_ID")) != NULL && strlen(text) <= 64 ? text : "-";
	rq->method = (text = fcgi_param(rq, "REQUEST_METHOD")) != NULL ? text : "";
	rq->path = (text = fcgi_param(rq, "SCRIPT_NAME")) != NULL ? text : "";
	rq->address = (text = fcgi_param(rq, "REMOTE_ADDR")) != NULL && strncmp(text, "unix:", 5) != 0 ? text : NULL;

	e = parse_body(rq);
	text = fcgi_param(rq, "QUERY_STRING");
	if (text != NULL)
		form_parse(&rq->query, rq->arena, text, strlen(text));
	rq->form = request_is(rq, "POST") ? &rq->body : &rq->query;
	if (e != OK)
		return e;
	return rq->query.fault == OK ? OK : refuse(rq, rq->query.fault, "more than %d parameters", FORM_PARAMETERS);
}

const char *
param(const struct request *rq, const char *name)
{
	return form_get(rq->form, name);
}

enum err
param_faults(struct request *rq, const char *const *names)
{
	enum err fault;

	for (; *names != NULL; names++) {
		if ((fault = form_fault(rq->form, *names)) != OK)
			return refuse_param(rq, fault, *names);
	}
	return OK;
}

const char *
request_address_block(const struct request *rq)
{
	struct in6_addr a;
	char text[INET6_ADDRSTRLEN];

	if (rq->address == NULL)
		return "local";
	if (inet_pton(AF_INET6, rq->address, &a) != 1)
		return rq->address;
	if (IN6_IS_ADDR_V4MAPPED(&a))
		return inet_ntop(AF_INET, &a.s6_addr[12], text, sizeof(text)) != NULL ? arena_strdup(rq->arena, text) : "local";
	memset(&a.s6_addr[8], 0, 8);
	return inet_ntop(AF_INET6, &a, text, sizeof(text)) != NULL ? arena_printf(rq->arena, "%s/64", text) : "local";
}

enum err
refuse(struct request *rq, enum err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	rq->detail = arena_vprintf(rq->arena, fmt, ap);
	va_end(ap);
	return e;
}

enum err
refuse_param(struct request *rq, enum err e, const char *name)
{
	rq->parameter = name;
	return refuse(rq, e, "parameter %s", name);
}

enum err
refuse_value(struct request *rq, enum err e, const char *name, const char *value)
{
	rq->parameter = name;
	return refuse(rq, e, "%s is %s", name, value == NULL ? "missing" : value);
}
