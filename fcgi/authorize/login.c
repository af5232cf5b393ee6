/* SPDX-License-Identifier: ISC */
/* GET, POST /login: user name or e-mail, and password, against the directory.
 *
 * The attempt is counted before the password is looked at, so that parallel guesses can't pass the limit; an unknown name costs the
 * same work and gets the same words as a wrong password.  A right password of an old scheme is hashed anew, where the directory is
 * ours. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "authorize/handlers.h"
#include "authorize/login_mix.h"
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

/* What was typed, in small letters as far as ASCII has them. */
static const char *
folded_name(struct request *rq)
{
	char *folded = arena_strdup(rq->arena, param(rq, "username")), *p;

	for (p = folded; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	return folded;
}

/* What stands for a name in the count of attempts: the name itself is not kept, it may be a password typed in the wrong field. */
static const char *
name_key(struct request *rq)
{
	unsigned char key[KEY_SIZE], digest[DIGEST_SIZE];
	const char *folded = folded_name(rq);
	char *text = arena_alloc(rq->arena, text_base64url_len(DIGEST_SIZE) + 1);

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

/* A better hash of the password that was just right, and the answer does not depend on it. */
static void
rehash(struct request *rq, const struct rows *account)
{
	char hash[PASSWORD_HASH_SIZE];
	const struct rows *rows = NULL;
	const char *why;

	if (!login_mix_rehashes() || password_current(row_text(account, "password_hash")))
		return;
	if (password_hash(hash, param(rq, "password")))
		rows = db_rows(rq->db, rq->arena, SQL_LOGIN_REHASH, row_text(account, "account_id"), row_text(account, "credential"),
		    hash, rq->address, rq->id);
	why = rows == NULL ? db_error(rq->db) : row_text(rows, "detail");
	if (why != NULL)
		log_event(LOG_WARN, "not_rehashed", "id", rq->id, "account", row_text(account, "account_id"), "detail", why, NULL);
}

/* ERR_WRONG_PASSWORD: the account is not the one that was read any more. */
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
	    name_key(rq));
	if ((e = verdict(rq, rows)) != OK)
		return e;
	rehash(rq, account);
	session_give(rq, &new);
	show_onward(rq);
	return OK;
}

/* For the log; no name stands there, it may be a password typed in the wrong field. */
static const char *
why_wrong(struct request *rq, const struct rows *account)
{
	const char *id = row_text(account, "account_id");

	if (id == NULL)
		return row_number(account, "namesakes") > 1 ? "several active accounts have this e-mail address" :
		                                              "nobody has this user name or e-mail address";
	return arena_printf(rq->arena, row_bool(account, "active") ? "wrong password for account %s" : "account %s is disabled", id);
}

/* Nothing of what was read is told by the time: one hash is made, and for what can't be right it is one of the name's own. */
static bool
right_password(struct request *rq, const struct rows *account, const char *decoy)
{
	bool usable = row_text(account, "account_id") != NULL && row_bool(account, "active");
	bool right = password_verify(usable ? row_text(account, "password_hash") : NULL, param(rq, "password"), decoy);

	db_budget(rq->db);    /* it was work, not a wait, and may have taken longer than all waits may */
	return usable && right;
}

/* A form that is sent twice is two sign-ins at once, and the first may hash the password anew while the second looks at it: so an
 * account that changed meanwhile is looked at again, while there are tries. */
static enum err
attempt(struct request *rq, const struct browser *browser, const char *decoy, int tries)
{
	const struct rows *rows;
	enum err e;

	rows = db_rows(rq->db, rq->arena, SQL_LOGIN_BEGIN, param(rq, "username"), name_key(rq), request_address_block(rq),
	    text_decimal(rq->arena, rq->settings->login_account_limit),
	    text_decimal(rq->arena, rq->settings->login_address_limit), param(rq, "t"), folded_name(rq));
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
	if (!right_password(rq, rows, decoy)) {
		count_failure(rq, rows);
		return again(rq, refuse(rq, ERR_WRONG_PASSWORD, "%s", why_wrong(rq, rows)));
	}
	if ((e = signed_in(rq, rows, browser)) != ERR_WRONG_PASSWORD)
		return e;
	if (tries > 1)
		return attempt(rq, browser, decoy, tries - 1);
	count_failure(rq, rows);
	return again(rq, e);
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
	return attempt(rq, &browser, login_mix_decoy(rq, folded_name(rq)), 2);
}
