/* SPDX-License-Identifier: ISC */
/* POST /consent: the person allows or denies; allowing makes the grant and its code (RFC 6749 4.1.2). */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "authorize/handlers.h"
#include "authorize/show.h"
#include "authorize_sql.h"
#include "base/text.h"
#include "db/db.h"
#include "html/csrf.h"
#include "html/session.h"
#include "http/request.h"
#include "oauth/authorization_response.h"
#include "oauth/opaque.h"
#include "oauth/verdict.h"
#include "server/settings.h"

const char *
consent_decision(const struct request *rq)
{
	const char *text = param(rq, "decision");

	if (text != NULL && strcmp(text, "allow") == 0)
		return "true";
	return text != NULL && strcmp(text, "deny") == 0 ? "false" : NULL;
}

static enum err
decide(struct request *rq, const struct browser *browser, const char *allowed)
{
	const struct rows *rows;
	struct opaque_new new;
	struct opaque handle, code;
	enum err e;

	opaque_parse(&handle, rq->arena, OPAQUE_HANDLE, param(rq, "h"));
	opaque_make(&new, &code, rq->arena, OPAQUE_CODE);
	rows = db_rows(rq->db, rq->arena, SQL_CONSENT, handle.slot, handle.digest, browser->browser, browser->session,
	    param(rq, "t"), allowed, code.locator, code.digest,
	    text_decimal(rq->arena, rq->settings->code_seconds), rq->address, rq->id);
	e = verdict(rq, rows);
	if (e == ERR_FORM_LATE || e == ERR_LOGIN_REQUIRED) {
		route_log_refusal(rq, e);
		show_redirect(rq, param(rq, "h"));
		return OK;
	}
	if (rows == NULL || e == ERR_REQUEST_EXPIRED)
		return e;
	if (e != OK)
		return show_refusal(rq, row_text(rows, "redirect_uri"), row_text(rows, "state"), e);
	authorization_response(
	    rq, row_text(rows, "redirect_uri"), row_text(rows, "state"), opaque_spell(&new, rq->arena, NULL), OK);
	return OK;
}

enum err
consent(struct request *rq)
{
	static const char *const names[] = { "h", "t", "csrf", "decision", NULL };
	struct browser browser;
	enum err e;

	if ((e = param_faults(rq, names)) != OK)
		return e;
	session_cookies(rq, &browser);
	if ((e = csrf_check(rq, browser.session)) != OK)
		return e;
	if (consent_decision(rq) == NULL)
		return refuse_value(rq, ERR_BAD_PARAMETER, "decision", param(rq, "decision"));
	return decide(rq, &browser, consent_decision(rq));
}
