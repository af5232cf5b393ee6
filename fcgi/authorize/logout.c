/* SPDX-License-Identifier: ISC */
/* POST /logout: ends the browser's session; a sign-in that was under way goes on with the login page. */
#include "config.h"

#include <stddef.h>

#include "authorize/handlers.h"
#include "authorize/show.h"
#include "authorize_sql.h"
#include "db/db.h"
#include "html/csrf.h"
#include "html/session.h"
#include "http/request.h"
#include "oauth/verdict.h"

enum err
logout(struct request *rq)
{
	static const char *const names[] = { "h", "to", "user_code", "t", "csrf", NULL };
	struct browser browser;
	enum err e;

	if ((e = param_faults(rq, names)) != OK)
		return e;
	session_cookies(rq, &browser);
	if ((e = csrf_check(rq, browser.session)) != OK)
		return e;
	e = verdict(rq, db_rows(rq->db, rq->arena, SQL_LOGOUT, browser.session, param(rq, "t"), rq->address, rq->id));
	if (e != OK && e != ERR_FORM_LATE)
		return e;
	if (e == OK)
		session_forget(rq);
	else
		route_log_refusal(rq, e);
	show_onward(rq);
	return OK;
}
