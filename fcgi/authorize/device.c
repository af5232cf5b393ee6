/* SPDX-License-Identifier: ISC */
/* GET, POST /device: a person types the code that a device shows, reads who asks for what, and decides (RFC 8628 3.3).
 *
 * Only who is signed in may try a code: each try is counted for the account and for the address before it is looked at.  An URL with
 * a code in it (verification_uri_complete) fills the form in and no more: a link of somebody else's neither tries nor decides
 * anything.  The form that decides carries the code as h, bound by its CSRF token, which is given out only after the code was found in
 * this session: so deciding is no way round the count. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "authorize/handlers.h"
#include "authorize/show.h"
#include "authorize_sql.h"
#include "base/text.h"
#include "db/db.h"
#include "html/csrf.h"
#include "html/language.h"
#include "html/page.h"
#include "html/session.h"
#include "http/request.h"
#include "http/response.h"
#include "oauth/user_code.h"
#include "oauth/verdict.h"
#include "server/settings.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *
macs(struct request *rq, const char *code)
{
	return user_code_macs(rq->arena, rq->context->device_keyring, code);
}

/* The page with the form for the code; code NULL: an empty one. */
static enum err
ask(struct request *rq, const struct browser *browser, const char *code, const struct notice *notice)
{
	const struct rows *rows = db_rows(rq->db, rq->arena, SQL_HOME, browser->session);
	const char *form_time;
	enum err e;

	if ((e = verdict(rq, rows)) != OK)
		return e;
	if (row_text(rows, "username") == NULL) {
		show_device_login(rq, code);
		return OK;
	}
	form_time = row_text(rows, "form_time");
	show_seen(rq, rows, browser);
	const struct template_value values[] = {
		{ .name = "username", .text = row_text(rows, "username") },
		{ .name = "message", .text = notice->message },
		{ .name = "user_code", .text = code },
		{ .name = "filled", .text = request_is(rq, "GET") ? code : NULL },
		{ .name = "t", .text = form_time },
		{ .name = "csrf", .text = csrf_token(rq, "/device", browser->session, NULL, form_time) },
	};
	page_send(rq, notice->status, PAGE_DEVICE, NULL, values, COUNT(values));
	return OK;
}

/* The page again with the words of the error and what was typed. */
static enum err
again(struct request *rq, const struct browser *browser, enum err e)
{
	const struct notice notice = { .status = error_status(e), .message = show_message(rq, e) };

	return ask(rq, browser, param(rq, "user_code"), &notice);
}

/* The page that says who asks for what. */
static enum err
consent_page(struct request *rq, const struct rows *rows, const struct browser *browser, const char *code)
{
	const char *form_time = row_text(rows, "form_time");
	const struct template_value values[] = {
		{ .name = "client", .text = row_text(rows, "client") },
		{ .name = "username", .text = row_text(rows, "username") },
		{ .name = "sentences", .list = show_sentences(rq, rows) },
		{ .name = "user_code", .text = user_code_spell(rq->arena, code) },
		{ .name = "h", .text = code },
		{ .name = "t", .text = form_time },
		{ .name = "csrf", .text = csrf_token(rq, "/device", browser->session, code, form_time) },
	};

	page_send(rq, 200, PAGE_DEVICE_CONSENT, NULL, values, COUNT(values));
	return OK;
}

/* A form that was late, or a session that has ended: the form again. */
static enum err
anew(struct request *rq, const char *code, enum err e)
{
	route_log_refusal(rq, e);
	show_device(rq, user_code_spell(rq->arena, code));
	return OK;
}

static enum err
find(struct request *rq, const struct browser *browser)
{
	const char *code = user_code_read(rq->arena, param(rq, "user_code"));
	const struct rows *rows;
	enum err e;

	if (code == NULL)
		return again(rq, browser, refuse(rq, ERR_USER_CODE_WRONG, "not of the form of a user code"));
	rows = db_rows(rq->db, rq->arena, SQL_DEVICE_FIND, browser->session, macs(rq, code), request_address_block(rq),
	    text_decimal(rq->arena, rq->settings->login_account_limit),
	    text_decimal(rq->arena, rq->settings->login_address_limit), param(rq, "t"), language_pages[0]);
	e = verdict(rq, rows);
	if (e == OK)
		return consent_page(rq, rows, browser, code);
	if (e == ERR_FORM_LATE || e == ERR_LOGIN_REQUIRED)
		return anew(rq, code, e);
	if (e == ERR_TOO_MANY_ATTEMPTS)
		rq->retry_after = row_number(rows, "wait");
	return e == ERR_TOO_MANY_ATTEMPTS || e == ERR_USER_CODE_WRONG ? again(rq, browser, e) : e;
}

static enum err
decide(struct request *rq, const struct browser *browser, const char *allowed)
{
	const char *code = user_code_read(rq->arena, param(rq, "h"));
	const struct rows *rows;
	enum err e;

	if (code == NULL)
		return refuse_param(rq, ERR_BAD_PARAMETER, "h");
	rows = db_rows(rq->db, rq->arena, SQL_DEVICE_DECIDE, browser->session, macs(rq, code), param(rq, "t"), allowed, rq->address,
	    request_address_block(rq), text_decimal(rq->arena, rq->settings->login_account_limit),
	    text_decimal(rq->arena, rq->settings->login_address_limit), rq->id);
	e = verdict(rq, rows);
	if (e == ERR_FORM_LATE || e == ERR_LOGIN_REQUIRED)
		return anew(rq, code, e);
	if (e == ERR_USER_CODE_WRONG)
		return again(rq, browser, e);
	if (e != OK)
		return e;
	const struct template_value values[] = {
		{ .name = "client", .text = row_text(rows, "client") },
		{ .name = "allowed", .text = strcmp(allowed, "true") == 0 ? "" : NULL },
	};
	page_send(rq, 200, PAGE_DEVICE_DONE, NULL, values, COUNT(values));
	return OK;
}

enum err
device(struct request *rq)
{
	static const char *const names[] = { "user_code", "h", "t", "csrf", "decision", NULL };
	static const struct notice first = { .status = 200 };
	const char *code = user_code_read(rq->arena, param(rq, "user_code"));
	struct browser browser;
	enum err e;

	if ((e = param_faults(rq, names)) != OK)
		return e;
	session_cookies(rq, &browser);
	if (!request_is(rq, "POST"))
		return ask(rq, &browser, code == NULL ? NULL : user_code_spell(rq->arena, code), &first);
	if ((e = csrf_check(rq, browser.session)) != OK)
		return e;
	if (param(rq, "h") == NULL)
		return find(rq, &browser);
	if (consent_decision(rq) == NULL)
		return refuse_value(rq, ERR_BAD_PARAMETER, "decision", param(rq, "decision"));
	return decide(rq, &browser, consent_decision(rq));
}
