/* SPDX-License-Identifier: ISC */
/* GET, POST /authorize: takes an authorization request (RFC 6749 4.1.1), keeps it and goes on with a short handle.
 *
 * The request itself never stands in the URL of a page: it is judged and kept by one statement, and the browser is sent to
 * /authorize?h=HANDLE.  A POST of another site brings no cookie (they are SameSite=Lax), so the one that it keeps belongs to no
 * browser yet; the GET that follows takes it over. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "authorize/handlers.h"
#include "authorize/show.h"
#include "authorize_sql.h"
#include "base/arena.h"
#include "db/db.h"
#include "html/session.h"
#include "http/request.h"
#include "http/response.h"
#include "oauth/authorization_response.h"
#include "oauth/opaque.h"
#include "oauth/pkce.h"
#include "oauth/redirect_uri.h"
#include "oauth/resource.h"
#include "oauth/scope.h"
#include "oauth/verdict.h"

enum { STATE_MAX = 2048 };

/* What is wrong with the request beside client_id and redirect_uri: whether the client hears of it, or only the person, depends on
 * those two, which the statement judges. */
static enum err
problem(struct request *rq, const char **ret_resources)
{
	static const char *const names[] = { "state", "response_type", "scope", "code_challenge", "code_challenge_method", NULL };
	const char *state = param(rq, "state"), *scope = param(rq, "scope");
	const char *challenge = param(rq, "code_challenge"), *method = param(rq, "code_challenge_method");
	enum err e;

	if ((e = param_faults(rq, names)) != OK)
		return e;
	if (state != NULL && strlen(state) > STATE_MAX)
		return refuse_param(rq, ERR_LONG_PARAMETER, "state");
	if (param(rq, "response_type") == NULL)
		return refuse_param(rq, ERR_MISSING_PARAMETER, "response_type");
	if (strcmp(param(rq, "response_type"), "code") != 0)
		return refuse(rq, ERR_UNSUPPORTED_RESPONSE_TYPE, "another response_type");
	if (scope != NULL && !scope_valid(scope))
		return refuse_param(rq, ERR_INVALID_SCOPE, "scope");
	if (challenge == NULL && method != NULL)
		return refuse_param(rq, ERR_MISSING_PARAMETER, "code_challenge");
	if (challenge != NULL && (method == NULL || strcmp(method, "S256") != 0))
		return refuse(rq, ERR_PKCE_NOT_S256, "code_challenge_method is not S256");
	if (challenge != NULL && !pkce_challenge_valid(challenge))
		return refuse_param(rq, ERR_BAD_PARAMETER, "code_challenge");
	return resource_names(rq, ret_resources);
}

/* State comes back only where it was sent once and whole. */
static const char *
state_to_return(const struct request *rq)
{
	const char *state = param(rq, "state");

	return state == NULL || strlen(state) > STATE_MAX ? NULL : state;
}

static enum err
begin(struct request *rq)
{
	static const char *const names[] = { "client_id", "redirect_uri", NULL };
	const char *client_id = param(rq, "client_id"), *redirect_uri = param(rq, "redirect_uri"), *resources = NULL, *target;
	struct opaque_new new;
	struct opaque handle;
	struct browser browser;
	const struct rows *rows;
	enum err e, wrong;

	if ((e = param_faults(rq, names)) != OK)
		return e;
	if (client_id != NULL && opaque_inside(client_id))
		return refuse(rq, ERR_UNKNOWN_CLIENT, "a secret stands where the client_id should");
	if (redirect_uri != NULL && opaque_inside(redirect_uri))
		return refuse(rq, ERR_BAD_REDIRECT_URI, "the redirect_uri holds a secret");
	session_cookies(rq, &browser);
	if (request_is(rq, "POST"))
		browser.browser = NULL;
	else
		session_know_browser(rq, &browser);
	wrong = problem(rq, &resources);
	opaque_make(&new, &handle, rq->arena, OPAQUE_HANDLE);
	rows = db_rows(rq->db, rq->arena, SQL_AUTHORIZE_BEGIN, client_id, redirect_uri,
	    redirect_uri == NULL ? NULL : redirect_uri_portless(rq->arena, redirect_uri), wrong == OK ? NULL : error_name(wrong),
	    param(rq, "state"), param(rq, "scope"), param(rq, "code_challenge"), handle.digest, browser.browser, resources);
	if ((e = verdict(rq, rows)) != wrong)
		rq->parameter = NULL;      /* another fault than that of a parameter came first */
	if (e == OK) {
		show_redirect(rq, opaque_spell(&new, rq->arena, row_text(rows, "slot")));
		return OK;
	}
	if (rows == NULL || (target = row_text(rows, "redirect_uri")) == NULL)
		return e;
	return show_refusal(rq, target, state_to_return(rq), e);
}

enum err
authorize(struct request *rq)
{
	const char *handle = request_is(rq, "POST") ? NULL : param(rq, "h");
	static const struct notice first = { .status = 200 };

	return handle == NULL ? begin(rq) : show_request(rq, handle, &first);
}
