/* SPDX-License-Identifier: ISC */
/* The parameters of an authorization request (RFC 6749 4.1.1), as /authorize and /par take them. */
#include "config.h"

#include "oauth/authorization_request.h"

#include <string.h>

#include "http/request.h"
#include "oauth/opaque.h"
#include "oauth/pkce.h"
#include "oauth/redirect_uri.h"
#include "oauth/resource.h"
#include "oauth/scope.h"

enum { STATE_MAX = 2048 };

enum err
authorization_request_client(struct request *rq)
{
	const char *client_id = param(rq, "client_id");

	if (client_id != NULL && opaque_inside(client_id))
		return refuse(rq, ERR_UNKNOWN_CLIENT, "a secret stands where the client_id should");
	if (client_id != NULL)
		rq->asking.client_id = client_id;
	return OK;
}

enum err
authorization_request_party(struct authorization_request *ar, struct request *rq)
{
	static const char *const names[] = { "client_id", "redirect_uri", NULL };
	enum err e;

	memset(ar, 0, sizeof(*ar));
	if ((e = param_faults(rq, names)) != OK || (e = authorization_request_client(rq)) != OK)
		return e;
	ar->client_id = param(rq, "client_id");
	ar->redirect_uri = param(rq, "redirect_uri");
	if (ar->redirect_uri == NULL)
		return OK;
	if (opaque_inside(ar->redirect_uri))
		return refuse(rq, ERR_BAD_REDIRECT_URI, "the redirect_uri holds a secret");
	ar->redirect_uri_portless = redirect_uri_portless(rq->arena, ar->redirect_uri);
	return OK;
}

/* PKCE with S256, or not at all (RFC 7636 4.3, RFC 9700 2.1.1).  What is refused is not kept: with the method plain it is the
 * verifier itself, and a statement's parameters may be logged. */
static enum err
challenge(struct authorization_request *ar, struct request *rq)
{
	const char *value = param(rq, "code_challenge"), *method = param(rq, "code_challenge_method");

	if (value == NULL)
		return method == NULL ? OK : refuse_param(rq, ERR_MISSING_PARAMETER, "code_challenge");
	if (method == NULL || strcmp(method, "S256") != 0)
		return refuse(rq, ERR_PKCE_NOT_S256, "code_challenge_method is %s", method == NULL ? "missing" : method);
	if (!pkce_challenge_valid(value)) {
		rq->parameter = "code_challenge";      /* its value may be a verifier: not for the log */
		return refuse(rq, ERR_BAD_PARAMETER, "%zu characters that are not the base64url of 32 bytes", strlen(value));
	}
	ar->code_challenge = value;
	return OK;
}

enum err
authorization_request_rest(struct authorization_request *ar, struct request *rq)
{
	static const char *const names[] = { "state", "response_type", "scope", "code_challenge", "code_challenge_method", "request",
	    "request_uri", "response_mode", NULL };
	const char *state = param(rq, "state"), *mode = param(rq, "response_mode");
	enum err e;

	if (state != NULL && strlen(state) <= STATE_MAX && !opaque_whole_inside(state))
		ar->state = state;
	if ((e = param_faults(rq, names)) != OK)
		return e;
	if (state != NULL && strlen(state) > STATE_MAX) {
		rq->parameter = "state";
		return refuse(rq, ERR_LONG_PARAMETER, "state has %zu bytes, allowed are %d", strlen(state), STATE_MAX);
	}
	if (state != ar->state)
		return refuse_param(rq, ERR_BAD_PARAMETER, "state");
	if (param(rq, "request") != NULL)
		return refuse(rq, ERR_REQUEST_NOT_SUPPORTED, "a signed request");
	if (param(rq, "request_uri") != NULL)
		return refuse(rq, ERR_REQUEST_URI_NOT_SUPPORTED, "/par did not give out %s", param(rq, "request_uri"));
	if (param(rq, "response_type") == NULL)
		return refuse_param(rq, ERR_MISSING_PARAMETER, "response_type");
	if (strcmp(param(rq, "response_type"), "code") != 0)
		return refuse(rq, ERR_UNSUPPORTED_RESPONSE_TYPE, "response_type is %s", param(rq, "response_type"));
	if (mode != NULL && strcmp(mode, "query") != 0)
		return refuse_value(rq, ERR_BAD_PARAMETER, "response_mode", mode);
	if (param(rq, "scope") != NULL && !scope_valid(param(rq, "scope")))
		return refuse_value(rq, ERR_INVALID_SCOPE, "scope", param(rq, "scope"));
	ar->scope = param(rq, "scope");
	if ((e = challenge(ar, rq)) != OK)
		return e;
	return resource_names(rq, &ar->resources);
}
