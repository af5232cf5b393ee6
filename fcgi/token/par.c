/* SPDX-License-Identifier: ISC */
/* POST /par: an authorization request is pushed by the client itself, and named to the browser by a request_uri (RFC 9126). */
#include "config.h"

#include <stddef.h>

#include "base/text.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/answer.h"
#include "oauth/authorization_request.h"
#include "oauth/client_auth.h"
#include "oauth/opaque.h"
#include "oauth/request_uri.h"
#include "oauth/verdict.h"
#include "server/settings.h"
#include "token/handlers.h"
#include "token_sql.h"

static void
reply(struct request *rq, const struct rows *rows, const struct opaque_new *new)
{
	struct json json;

	rq->status = 201;
	answer_no_store(rq);
	answer_json(rq, &json);
	json_object(&json);
	json_member(&json, "request_uri", request_uri_spell(new, rq->arena, row_text(rows, "slot")));
	json_key(&json, "expires_in");
	json_number(&json, row_number(rows, "expires_in"));
	json_object_end(&json);
}

/* What is wrong beside client_id and redirect_uri; a request_uri inside is none of the parameters here (2.1). */
static enum err
rest(struct authorization_request *ar, struct request *rq)
{
	if (param(rq, "request_uri") != NULL)
		return refuse_param(rq, ERR_BAD_PARAMETER, "request_uri");
	return authorization_request_rest(ar, rq);
}

/* Whoever may hear of a fault is judged with all else: who is not authentic hears of that first. */
enum err
par(struct request *rq)
{
	struct authorization_request ar;
	struct client_auth client;
	const struct rows *rows;
	struct opaque_new new;
	struct opaque pushed;
	enum err e, wrong;

	if ((e = client_auth_read(&client, rq)) != OK || (e = authorization_request_party(&ar, rq)) != OK)
		return e;
	wrong = rest(&ar, rq);
	opaque_make(&new, &pushed, rq->arena, OPAQUE_PUSHED);
	rows = db_rows(rq->db, rq->arena, SQL_PAR, client.client_id, client.secret_digest, client.method, ar.redirect_uri,
	    ar.redirect_uri_portless, wrong == OK ? NULL : error_name(wrong), ar.state, ar.scope, ar.resources, ar.code_challenge,
	    pushed.digest, text_decimal(rq->arena, rq->settings->pushed_seconds));
	if ((e = verdict(rq, rows)) != wrong)
		rq->parameter = NULL;      /* another fault than that of a parameter came first */
	if (e == OK)
		reply(rq, rows, &new);
	return e;
}
