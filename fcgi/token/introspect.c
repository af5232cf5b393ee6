/* SPDX-License-Identifier: ISC */
/* POST /introspect: a resource server asks what a token is good for (RFC 7662). */
#include "config.h"

#include <stddef.h>

#include "base/arena.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/answer.h"
#include "oauth/client_auth.h"
#include "oauth/opaque.h"
#include "oauth/resource.h"
#include "oauth/verdict.h"
#include "server/settings.h"
#include "token/handlers.h"
#include "token_sql.h"

/* The subject: a person's id as a string, or what no person's id looks like. */
static const char *
subject(struct request *rq, const struct rows *rows)
{
	const char *account = row_text(rows, "account_id");

	return account != NULL ? account : arena_printf(rq->arena, "client:%s", row_text(rows, "client_id"));
}

static void
reply_active(struct request *rq, const struct rows *rows)
{
	struct json json;

	answer_no_store(rq);
	answer_json(rq, &json);
	json_object(&json);
	json_key(&json, "active");
	json_raw(&json, "true");
	json_member(&json, "scope", row_text(rows, "scope"));
	json_member(&json, "client_id", row_text(rows, "client_id"));
	json_member(&json, "username", row_text(rows, "username"));
	json_member(&json, "token_type", "Bearer");
	json_key(&json, "exp");
	json_number(&json, row_number(rows, "expires"));
	json_key(&json, "iat");
	json_number(&json, row_number(rows, "issued"));
	json_member(&json, "sub", subject(rq, rows));
	json_words(&json, "aud", resource_uris(rq, row_text(rows, "resources")));
	json_member(&json, "iss", rq->settings->issuer);
	json_object_end(&json);
}

/* All that is no living token for the one who asks is the same to him (2.2); the log knows more. */
static void
reply_inactive(struct request *rq)
{
	struct json json;

	route_log_refusal(rq, ERR_INVALID_TOKEN);
	answer_no_store(rq);
	answer_json(rq, &json);
	json_object(&json);
	json_key(&json, "active");
	json_raw(&json, "false");
	json_object_end(&json);
}

/* token_type_hint is not looked at: a token's form says what it is. */
enum err
introspect(struct request *rq)
{
	static const char *const names[] = { "token", "token_type_hint", NULL };
	const struct rows *rows;
	struct client_auth client;
	struct opaque token;
	enum err e;

	if ((e = param_faults(rq, names)) != OK || (e = client_auth_read(&client, rq)) != OK)
		return e;
	if (param(rq, "token") == NULL)
		return refuse_param(rq, ERR_MISSING_PARAMETER, "token");
	opaque_parse(&token, rq->arena, OPAQUE_ACCESS, param(rq, "token"));
	rows = db_rows(rq->db, rq->arena, SQL_INTROSPECT, client.client_id, client.secret_digest, client.method, token.slot,
	    token.digest);
	e = verdict(rq, rows);
	if (e == OK)
		reply_active(rq, rows);
	else if (e == ERR_INVALID_TOKEN)
		reply_inactive(rq);
	return e == ERR_INVALID_TOKEN ? OK : e;
}
