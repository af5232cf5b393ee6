/* SPDX-License-Identifier: ISC */
/* Access tokens at the resources (RFC 6750): where one is taken from, and how a refusal challenges. */
#include "config.h"

#include "oauth/bearer.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "http/request.h"
#include "http/response.h"
#include "oauth/answer.h"
#include "oauth/resource.h"

/* credentials = "Bearer" 1*SP b64token; another scheme is no token of ours. */
static const char *
from_header(const struct request *rq)
{
	const char *header = request_header(rq, "AUTHORIZATION");

	if (header == NULL || strncasecmp(header, "Bearer", 6) != 0 || header[6] != ' ')
		return NULL;
	return header + 6 + strspn(header + 6, " ");
}

enum err
bearer_read(struct bearer *bearer, struct request *rq)
{
	const char *header = from_header(rq);
	const char *body = request_is(rq, "POST") ? form_get(&rq->body, "access_token") : NULL;
	const char *query = form_get(&rq->query, "access_token");

	if (form_fault(&rq->query, "access_token") != OK)
		return refuse_param(rq, form_fault(&rq->query, "access_token"), "access_token");
	if (form_fault(&rq->body, "access_token") != OK)
		return refuse_param(rq, form_fault(&rq->body, "access_token"), "access_token");
	if ((header != NULL) + (body != NULL) + (query != NULL) > 1)
		return refuse(rq, ERR_TWO_TOKENS, "a token in more than one of: Authorization header, body, query");
	if (header == NULL && body == NULL && query == NULL)
		return refuse(rq, ERR_TOKEN_MISSING, request_header(rq, "AUTHORIZATION") == NULL ? "no access token" :
		    "the Authorization header is not of the scheme Bearer");
	bearer->query = query != NULL ? "true" : "false";
	if (!opaque_parse(&bearer->token, rq->arena, OPAQUE_ACCESS, header != NULL ? header : body != NULL ? body : query))
		return refuse(rq, ERR_INVALID_TOKEN, "not of the form of an access token: mistyped, cut off, or of another kind");
	rq->asking.slot = bearer->token.slot;
	rq->asking.digest = bearer->token.digest;
	return OK;
}

enum err
bearer_read_header(struct bearer *bearer, struct request *rq)
{
	const char *token = from_header(rq);

	bearer->query = "false";
	opaque_parse(&bearer->token, rq->arena, OPAQUE_ACCESS, token);
	return token != NULL ? OK : ERR_TOKEN_MISSING;
}

void
bearer_challenge(struct request *rq, enum err e, const char *uri, const char *scope)
{
	const char *code = error_code(e), *text;

	if (error_status(e) != 401 && error_status(e) != 403 && (error_status(e) != 400 || strcmp(code, "invalid_request") != 0))
		return;
	text = arena_printf(rq->arena, "Bearer realm=\"postern\", resource_metadata=\"%s\"", resource_metadata_uri(rq, uri));
	if (code != NULL)
		text = arena_printf(rq->arena, "%s, error=\"%s\", error_description=\"%s\"", text, code, answer_sentence(rq, e));
	if (e == ERR_INSUFFICIENT_SCOPE)
		text = arena_printf(rq->arena, "%s, scope=\"%s\"", text, scope);
	response_header(rq, "WWW-Authenticate", text);
}

void
bearer_cache(struct request *rq)
{
	response_header(rq, "Cache-Control", "private, no-store");
}
