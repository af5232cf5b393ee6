/* SPDX-License-Identifier: ISC */
/* GET, POST /login: user name and password against the directory.
 *
 * The attempt is counted before the password is looked at, so that parallel guesses can't pass the limit; an unknown name costs the
 * same work and gets the same words as a wrong password. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "authorize/handlers.h"
#include "authorize/show.h"
#include "authorize_sql.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/keyring.h"
#include "crypto/password.h"
#include "db/db.h"
#include "html/csrf.h"
#include "html/session.h"
#include "http/request.h"
#include "oauth/verdict.h"
#include "server/settings.h"

/* What stands for a name in the count of attempts: the name itself is not kept, it may be a password typed in the wrong field. */
static const char *
name_key(struct request *rq, const char *username)
{
	unsigned char key[KEY_SIZE], digest[DIGEST_SIZE];
	char *folded = arena_strdup(rq->arena, username), *text = arena_alloc(rq->arena, text_base64url_len(DIGEST_SIZE) + 1), *p;

	for (p = folded; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	key_derive(key, keyring_active(rq->context->keyring), "login-name");
	digest_hmac(digest, key, folded, strlen(folded));
	text_base64url(text, digest, DIGEST_SIZE);
	return text;
}

/* The page as nobody has tried anything yet. */
static const struct notice first = { .status = 200 };

static enum err
show(struct request *rq, const struct notice *notice)
{
	return param(rq, "h") == NULL ? show_login(rq, notice) : show_request(rq, param(rq, "h"), notice);
}

/* Counts an attempt that is refused.  One that can't be counted is refused all the same. */
static void
count_failure(struct request *rq, const struct rows *account)
{
	const char *id = row_text(account, "account_id");

	if (db_rows(rq->db, rq->arena, SQL_LOGIN_FAILURE, id, request_address_block(rq), rq->id) == NULL)
		log_event(LOG_WARN, "uncounted", "id", rq->id, "path", rq->path, "detail", db_error(rq->db), NULL);
}

/* The page again, with the words of the error. */
static enum err
again(struct request *rq, enum err e)
{
	const struct notice notice = {
		.status = error_status(e),
		.message = show_message(rq, e),
		.username = param(rq, "username"),
	};

	return show(rq, &notice);
}

static enum err
signed_in(struct request *rq, const struct rows *account, const struct browser *browser)
{
	const struct settings *set = rq->settings;
	struct session_cookie new;
	const struct rows *rows;
	enum err e;

	session_new(rq, &new);
	rows = db_rows(rq->db, rq->arena, SQL_LOGIN_END, row_text(account, "account_id"), row_text(account, "credential"),
	    new.digest, browser->session, text_decimal(rq->arena, set->session_idle_seconds),
	    text_decimal(rq->arena, set->session_seconds), rq->address, request_address_block(rq),
	    text_decimal(rq->arena, set->login_account_limit), text_decimal(rq->arena, set->login_address_limit), rq->id,
	    name_key(rq, param(rq, "username")));
	if ((e = verdict(rq, rows)) == ERR_WRONG_PASSWORD) {
		count_failure(rq, account);
		return again(rq, e);
	}
	if (e != OK)
		return e;
	session_give(rq, &new);
	show_onward(rq);
	return OK;
}

/* For the log; no name stands there, it may be a password typed in the wrong field. */
static const char *
why_wrong(struct request *rq, const struct rows *account, bool right)
{
	const char *id = row_text(account, "account_id");

	if (id == NULL)
		return "nobody has this user name";
	return arena_printf(rq->arena, right ? "account %s is disabled" : "wrong password for account %s", id);
}

static enum err
attempt(struct request *rq, const struct browser *browser)
{
	const char *username = param(rq, "username"), *password = param(rq, "password");
	const struct rows *rows;
	bool right;
	enum err e;

	rows = db_rows(rq->db, rq->arena, SQL_LOGIN_BEGIN, username, name_key(rq, username), request_address_block(rq),
	    text_decimal(rq->arena, rq->settings->login_account_limit),
	    text_decimal(rq->arena, rq->settings->login_address_limit), param(rq, "t"));
	e = verdict(rq, rows);
	if (e == ERR_FORM_LATE) {
		route_log_refusal(rq, e);
		return show(rq, &first);
	}
	if (e == ERR_TOO_MANY_ATTEMPTS) {
		rq->retry_after = row_number(rows, "wait");
		count_failure(rq, rows);
		return again(rq, e);
	}
	if (e != OK)
		return e;
	right = password_verify(row_text(rows, "password_hash"), password);
	if (!right || row_text(rows, "account_id") == NULL || !row_bool(rows, "active")) {
		count_failure(rq, rows);
		return again(rq, refuse(rq, ERR_WRONG_PASSWORD, "%s", why_wrong(rq, rows, right)));
	}
	return signed_in(rq, rows, browser);
}

enum err
login(struct request *rq)
{
	static const char *const names[] = { "h", "to", "user_code", "t", "csrf", "username", "password", NULL };
	struct browser browser;
	enum err e;

	if ((e = param_faults(rq, names)) != OK)
		return e;
	if (!request_is(rq, "POST"))
		return show(rq, &first);
	session_cookies(rq, &browser);
	if ((e = csrf_check(rq, browser.browser)) != OK)
		return e;
	if (param(rq, "username") == NULL || param(rq, "password") == NULL)
		return again(rq, refuse(rq, ERR_NAME_AND_PASSWORD, "the form was sent half empty"));
	return attempt(rq, &browser);
}
