/* SPDX-License-Identifier: ISC */
/* grant_type=urn:ietf:params:oauth:grant-type:device_code: a device asks whether the person has decided (RFC 8628 3.4, 3.5). */
#include "config.h"

#include <stddef.h>

#include "base/text.h"
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

/* What most polls hear is no refusal, and no line of the log. */
static enum err
pending(struct request *rq)
{
	rq->status = error_status(ERR_AUTHORIZATION_PENDING);
	answer_oauth_error(rq, ERR_AUTHORIZATION_PENDING);
	return OK;
}

enum err
token_device(struct request *rq, const struct client_auth *client)
{
	static const char *const names[] = { "device_code", NULL };
	const struct rows *rows;
	struct opaque_new access_new, refresh_new;
	struct opaque code, access, refresh;
	const char *resources;
	enum err e;

	if ((e = param_faults(rq, names)) != OK)
		return e;
	if (param(rq, "device_code") == NULL)
		return refuse_param(rq, ERR_MISSING_PARAMETER, "device_code");
	if ((e = resource_names(rq, &resources)) != OK)
		return e;
	opaque_parse(&code, rq->arena, OPAQUE_DEVICE, param(rq, "device_code"));    /* malformed: all NULL, refused after the client */
	opaque_make(&access_new, &access, rq->arena, OPAQUE_ACCESS);
	opaque_make(&refresh_new, &refresh, rq->arena, OPAQUE_REFRESH);
	rows = db_rows(rq->db, rq->arena, SQL_TOKEN_DEVICE, client->client_id, client->secret_digest, client->method, code.digest,
	    access.digest, text_decimal(rq->arena, rq->settings->access_seconds), rq->address, rq->id, resources,
	    refresh.locator, refresh.digest);
	if ((e = verdict(rq, rows)) == ERR_AUTHORIZATION_PENDING)
		return pending(rq);
	if (e != OK)
		return e;
	token_reply(rq, rows, opaque_spell(&access_new, rq->arena, row_text(rows, "slot")),
	    row_bool(rows, "refreshes") ? opaque_spell(&refresh_new, rq->arena, NULL) : NULL);
	return OK;
}
