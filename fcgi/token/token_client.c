/* SPDX-License-Identifier: ISC */
/* grant_type=client_credentials: an access token for the client itself (RFC 6749 4.4); no refresh token comes with it. */
#include "config.h"

#include <stddef.h>

#include "base/text.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/client_auth.h"
#include "oauth/opaque.h"
#include "oauth/resource.h"
#include "oauth/scope.h"
#include "oauth/verdict.h"
#include "server/settings.h"
#include "token/handlers.h"
#include "token_sql.h"

enum err
token_client(struct request *rq, const struct client_auth *client)
{
	static const char *const names[] = { "scope", NULL };
	const struct rows *rows;
	struct opaque_new new;
	struct opaque access;
	const char *resources;
	enum err e;

	if ((e = param_faults(rq, names)) != OK)
		return e;
	if (param(rq, "scope") != NULL && !scope_valid(param(rq, "scope")))
		return refuse_value(rq, ERR_INVALID_SCOPE, "scope", param(rq, "scope"));
	if ((e = resource_names(rq, &resources)) != OK)
		return e;
	opaque_make(&new, &access, rq->arena, OPAQUE_ACCESS);
	rows = db_rows(rq->db, rq->arena, SQL_TOKEN_CLIENT, client->client_id, client->secret_digest, client->method,
	    param(rq, "scope"), resources, access.digest, text_decimal(rq->arena, rq->settings->access_seconds), rq->address,
	    rq->id);
	if ((e = verdict(rq, rows)) != OK)
		return e;
	token_reply(rq, rows, opaque_spell(&new, rq->arena, row_text(rows, "slot")), NULL);
	return OK;
}
