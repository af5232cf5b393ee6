/* SPDX-License-Identifier: ISC */
/* grant_type=authorization_code: a code for an access token (RFC 6749 4.1.3, RFC 7636 4.5).  One statement: client, grant, token,
 * audit. */
#include "config.h"

#include <stddef.h>

#include "base/text.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/client_auth.h"
#include "oauth/opaque.h"
#include "oauth/pkce.h"
#include "oauth/resource.h"
#include "oauth/verdict.h"
#include "server/settings.h"
#include "token/handlers.h"
#include "token_sql.h"

enum err
token_code(struct request *rq, const struct client_auth *client)
{
	static const char *const names[] = { "code", "redirect_uri", "code_verifier", NULL };
	const char *verifier = param(rq, "code_verifier"), *redirect_uri = param(rq, "redirect_uri"), *resources;
	const struct rows *rows;
	struct opaque_new access_new, refresh_new;
	struct opaque code, access, refresh;
	enum err e;

	if ((e = param_faults(rq, names)) != OK)
		return e;
	if (param(rq, "code") == NULL)
		return refuse_param(rq, ERR_MISSING_PARAMETER, "code");
	if (redirect_uri != NULL && opaque_inside(redirect_uri))      /* a statement's parameters may be logged */
		return refuse_param(rq, ERR_BAD_PARAMETER, "redirect_uri");
	if ((e = resource_names(rq, &resources)) != OK)
		return e;
	opaque_parse(&code, rq->arena, OPAQUE_CODE, param(rq, "code"));    /* malformed: all NULL, refused after the client */
	opaque_make(&access_new, &access, rq->arena, OPAQUE_ACCESS);
	opaque_make(&refresh_new, &refresh, rq->arena, OPAQUE_REFRESH);
	rows = db_rows(rq->db, rq->arena, SQL_TOKEN_CODE, client->client_id, client->secret_digest, client->method, code.locator,
	    code.digest, redirect_uri, pkce_s256(rq->arena, verifier), verifier == NULL ? "false" : "true",
	    access.digest, text_decimal(rq->arena, rq->settings->access_seconds), rq->address, rq->id,
	    resources, refresh.locator, refresh.digest);
	if ((e = verdict(rq, rows)) != OK)
		return e;
	token_reply(rq, rows, opaque_spell(&access_new, rq->arena, row_text(rows, "slot")),
	    row_bool(rows, "refreshes") ? opaque_spell(&refresh_new, rq->arena, NULL) : NULL);
	return OK;
}
