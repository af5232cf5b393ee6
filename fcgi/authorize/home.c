/* SPDX-License-Identifier: ISC */
/* GET /: who is signed in in this browser, and the way out; with h or to, out of a sign-in that goes on with somebody else. */
#include "config.h"

#include <stddef.h>

#include "authorize/handlers.h"
#include "authorize/show.h"
#include "authorize_sql.h"
#include "db/db.h"
#include "html/csrf.h"
#include "html/page.h"
#include "html/session.h"
#include "http/request.h"
#include "oauth/opaque.h"
#include "oauth/verdict.h"

enum err
home(struct request *rq)
{
	static const char *const names[] = { "h", "to", "user_code", NULL };
	const struct rows *rows;
	const char *username, *form_time, *handle = param(rq, "h");
	struct opaque opaque;
	struct browser browser;
	enum err e;

	if ((e = param_faults(rq, names)) != OK)
		return e;
	if (!opaque_parse(&opaque, rq->arena, OPAQUE_HANDLE, handle))
		handle = NULL;
	session_cookies(rq, &browser);
	rows = db_rows(rq->db, rq->arena, SQL_HOME, browser.session);
	if ((e = verdict(rq, rows)) != OK)
		return e;
	username = row_text(rows, "username");
	form_time = row_text(rows, "form_time");
	show_seen(rq, rows, &browser);
	const struct template_value values[] = {
		{ .name = "username", .text = username },
		{ .name = "h", .text = handle },
		{ .name = "to", .text = show_to(rq) },
		{ .name = "user_code", .text = show_user_code(rq) },
		{ .name = "t", .text = form_time },
		{ .name = "csrf", .text = username == NULL ? NULL : csrf_token(rq, "/logout", browser.session, handle, form_time) },
	};
	page_send(rq, 200, PAGE_HOME, NULL, values, sizeof(values) / sizeof(values[0]));
	return OK;
}
