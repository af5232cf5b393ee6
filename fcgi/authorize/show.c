/* SPDX-License-Identifier: ISC */
/* Shows where a sign-in stands: the login page, the consent page, or the answer that ends it. */
#include "config.h"

#include "authorize/show.h"

#include <stddef.h>
#include <string.h>

#include "authorize_sql.h"
#include "base/arena.h"
#include "db/db.h"
#include "html/csrf.h"
#include "html/language.h"
#include "html/page.h"
#include "html/session.h"
#include "http/request.h"
#include "http/response.h"
#include "http/route.h"
#include "oauth/authorization_response.h"
#include "oauth/opaque.h"
#include "oauth/user_code.h"
#include "oauth/verdict.h"
#include "server/settings.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void
show_redirect(struct request *rq, const char *handle)
{
	response_redirect(rq, handle == NULL ? arena_printf(rq->arena, "%s/", rq->settings->issuer) :
	    arena_printf(rq->arena, "%s/authorize?h=%s", rq->settings->issuer, handle));
}

static void
redirect_with_code(struct request *rq, const char *path, char separator, const char *typed)
{
	const char *code = user_code_read(rq->arena, typed);

	response_redirect(rq, code == NULL ? arena_printf(rq->arena, "%s%s", rq->settings->issuer, path) :
	    arena_printf(rq->arena, "%s%s%cuser_code=%s", rq->settings->issuer, path, separator, user_code_spell(rq->arena, code)));
}

void
show_device(struct request *rq, const char *code)
{
	redirect_with_code(rq, "/device", '?', code);
}

void
show_device_login(struct request *rq, const char *code)
{
	redirect_with_code(rq, "/login?to=device", '&', code);
}

const char *
show_to(const struct request *rq)
{
	const char *to = param(rq, "to");

	return to != NULL && strcmp(to, "device") == 0 ? to : NULL;
}

const char *
show_user_code(struct request *rq)
{
	const char *code = user_code_read(rq->arena, param(rq, "user_code"));

	return code == NULL ? NULL : user_code_spell(rq->arena, code);
}

void
show_onward(struct request *rq)
{
	if (param(rq, "h") == NULL && show_to(rq) != NULL)
		show_device(rq, param(rq, "user_code"));
	else
		show_redirect(rq, param(rq, "h"));
}

const char *
show_message(struct request *rq, enum err e)
{
	long long wait = (long long)rq->retry_after;

	route_log_refusal(rq, e);
	if (wait == 0)
		return error_sentence(e);
	response_header(rq, "Retry-After", arena_printf(rq->arena, "%lld", wait));
	return arena_printf(rq->arena, "%s Please wait %lld seconds.", error_sentence(e), wait);
}

enum err
show_refusal(struct request *rq, const char *redirect_uri, const char *state, enum err e)
{
	route_log_refusal(rq, e);
	authorization_response(rq, redirect_uri, state, NULL, e);
	return OK;
}

/* That this could not be written is no reason to refuse the page. */
void
show_seen(struct request *rq, const struct rows *rows, const struct browser *browser)
{
	if (row_bool(rows, "seen_due"))
		db_rows(rq->db, rq->arena, SQL_SESSION_SEEN, browser->session);
}

const char *const *
show_sentences(struct request *rq, const struct rows *rows)
{
	size_t n = rows_count(rows), i;
	const char **sentences = arena_array(rq->arena, n + 1, sizeof(*sentences));

	for (i = 0; i < n; i++)
		sentences[i] = rows_get(rows, i, "sentence");
	return sentences;
}

static void
login_page(struct request *rq, const struct rows *rows, const char *handle, const char *client, const char *target,
    const struct browser *browser, const struct notice *notice)
{
	const char *form_time = row_text(rows, "form_time");
	const struct template_value values[] = {
		{ .name = "client", .text = client },
		{ .name = "message", .text = notice->message },
		{ .name = "username", .text = notice->username },
		{ .name = "h", .text = handle },
		{ .name = "to", .text = show_to(rq) },
		{ .name = "user_code", .text = show_user_code(rq) },
		{ .name = "t", .text = form_time },
		{ .name = "csrf", .text = csrf_token(rq, "/login", browser->browser, handle, form_time) },
	};

	page_send(rq, notice->status, PAGE_LOGIN, target, values, COUNT(values));
}

static void
consent_page(struct request *rq, const struct rows *rows, const char *handle, const char *target, const struct browser *browser)
{
	const char *form_time = row_text(rows, "form_time");
	const struct template_value values[] = {
		{ .name = "client", .text = row_text(rows, "client") },
		{ .name = "username", .text = row_text(rows, "username") },
		{ .name = "sentences", .list = show_sentences(rq, rows) },
		{ .name = "h", .text = handle },
		{ .name = "t", .text = form_time },
		{ .name = "csrf", .text = csrf_token(rq, "/consent", browser->session, handle, form_time) },
	};

	page_send(rq, 200, PAGE_CONSENT, target, values, COUNT(values));
}

/* A browser that takes over its copy and then still has no cookie will never have one: c=1 says that it is the second time. */
static enum err
take_over(struct request *rq, const struct opaque *old, struct browser *browser)
{
	const struct rows *rows;
	struct opaque_new new;
	struct opaque copy;
	enum err e;

	if (browser->browser == NULL && param(rq, "c") != NULL)
		return refuse(rq, ERR_COOKIES_NEEDED, "the browser keeps no cookie");
	session_know_browser(rq, browser);
	opaque_make(&new, &copy, rq->arena, OPAQUE_HANDLE);
	rows = db_rows(rq->db, rq->arena, SQL_AUTHORIZE_COPY, old->slot, old->digest, copy.digest, browser->browser);
	if ((e = verdict(rq, rows)) != OK)
		return e;
	show_redirect(rq, arena_printf(rq->arena, "%s&c=1", opaque_spell(&new, rq->arena, row_text(rows, "slot"))));
	return OK;
}

enum err
show_request(struct request *rq, const char *handle, const struct notice *notice)
{
	const struct rows *rows;
	const char *target;
	struct browser browser;
	struct opaque opaque;
	enum err e;

	session_cookies(rq, &browser);
	opaque_parse(&opaque, rq->arena, OPAQUE_HANDLE, handle);
	rows = db_rows(rq->db, rq->arena, SQL_AUTHORIZE_PAGE, opaque.slot, opaque.digest, browser.browser, browser.session,
	    language_pages[0]);
	if ((e = verdict(rq, rows)) == ERR_OTHER_BROWSER)
		return take_over(rq, &opaque, &browser);
	if (rows == NULL || e == ERR_REQUEST_EXPIRED)
		return e;
	target = row_text(rows, "redirect_uri");
	if (e != OK)
		return show_refusal(rq, target, row_text(rows, "state"), e);
	if (row_text(rows, "username") == NULL) {
		login_page(rq, rows, handle, row_text(rows, "client"), target, &browser, notice);
		return OK;
	}
	show_seen(rq, rows, &browser);
	consent_page(rq, rows, handle, target, &browser);
	return OK;
}

enum err
show_login(struct request *rq, const struct notice *notice)
{
	const struct rows *rows;
	struct browser browser;
	enum err e;

	session_cookies(rq, &browser);
	session_know_browser(rq, &browser);
	rows = db_rows(rq->db, rq->arena, SQL_HOME, browser.session);
	if ((e = verdict(rq, rows)) != OK)
		return e;
	if (row_text(rows, "username") != NULL)
		show_onward(rq);
	else
		login_page(rq, rows, NULL, NULL, NULL, &browser, notice);
	return OK;
}
