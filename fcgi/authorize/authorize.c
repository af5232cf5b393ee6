/* SPDX-License-Identifier: ISC */
/* GET, POST /authorize: takes an authorization request (RFC 6749 4.1.1), keeps it and goes on with a short handle.
 *
 * The request itself never stands in the URL of a page: it is judged and kept by one statement, and the browser is sent to
 * /authorize?h=HANDLE.  A POST of another site brings no cookie (they are SameSite=Lax), so the one that it keeps belongs to no
 * browser yet; the GET that follows takes it over. */
#include "config.h"

#include <stddef.h>

#include "authorize/handlers.h"
#include "authorize/show.h"
#include "authorize_sql.h"
#include "db/db.h"
#include "html/session.h"
#include "http/request.h"
#include "oauth/authorization_request.h"
#include "oauth/opaque.h"
#include "oauth/request_uri.h"
#include "oauth/verdict.h"

/* The cookie of the browser, which a cross-site POST does not bring (and must not get). */
static void
browser_of(struct browser *browser, struct request *rq)
{
	session_cookies(rq, browser);
	if (request_is(rq, "POST"))
		browser->browser = NULL;
	else
		session_know_browser(rq, browser);
}

static enum err
begin(struct request *rq)
{
	struct authorization_request ar;
	struct opaque_new new;
	struct opaque handle;
	struct browser browser;
	const struct rows *rows;
	const char *target;
	enum err e, wrong;

	if ((e = authorization_request_party(&ar, rq)) != OK)
		return e;
	browser_of(&browser, rq);
	wrong = authorization_request_rest(&ar, rq);
	opaque_make(&new, &handle, rq->arena, OPAQUE_HANDLE);
	rows = db_rows(rq->db, rq->arena, SQL_AUTHORIZE_BEGIN, ar.client_id, ar.redirect_uri, ar.redirect_uri_portless,
	    wrong == OK ? NULL : error_name(wrong), ar.state, ar.scope, ar.code_challenge, handle.digest, browser.browser,
	    ar.resources);
	if ((e = verdict(rq, rows)) != wrong)
		rq->parameter = NULL;      /* another fault than that of a parameter came first */
	if (e == OK) {
		show_redirect(rq, opaque_spell(&new, rq->arena, row_text(rows, "slot")));
		return OK;
	}
	if (rows == NULL || (target = row_text(rows, "redirect_uri")) == NULL)
		return e;
	return show_refusal(rq, target, ar.state, e);
}

/* A request_uri of /par: all was judged there, and the parameters beside client_id count for nothing (RFC 9126 4). */
static enum err
begin_pushed(struct request *rq)
{
	static const char *const names[] = { "client_id", NULL };
	struct opaque_new new;
	struct opaque handle, pushed;
	struct browser browser;
	const struct rows *rows;
	enum err e;

	if ((e = param_faults(rq, names)) != OK || (e = authorization_request_client(rq)) != OK)
		return e;
	browser_of(&browser, rq);
	request_uri_parse(&pushed, rq->arena, param(rq, "request_uri"));
	opaque_make(&new, &handle, rq->arena, OPAQUE_HANDLE);
	rows = db_rows(rq->db, rq->arena, SQL_AUTHORIZE_PUSHED, param(rq, "client_id"), pushed.slot, pushed.digest, handle.digest,
	    browser.browser);
	if ((e = verdict(rq, rows)) == OK)
		show_redirect(rq, opaque_spell(&new, rq->arena, row_text(rows, "slot")));
	return e;
}

enum err
authorize(struct request *rq)
{
	static const char *const names[] = { "h", NULL };
	static const struct notice first = { .status = 200 };
	const char *handle = request_is(rq, "POST") ? NULL : param(rq, "h"), *request_uri = param(rq, "request_uri");
	enum err e;

	if (!request_is(rq, "POST") && (e = param_faults(rq, names)) != OK)
		return e;
	if (handle != NULL)
		return show_request(rq, handle, &first);
	return request_uri != NULL && request_uri_ours(request_uri) ? begin_pushed(rq) : begin(rq);
}
