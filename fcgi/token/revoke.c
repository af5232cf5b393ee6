/* SPDX-License-Identifier: ISC */
/* POST /revoke: a client has no more use for a token (RFC 7009).  One statement: client, token, audit. */
#include "config.h"

#include <stddef.h>

#include "db/db.h"
#include "http/request.h"
#include "oauth/answer.h"
#include "oauth/client_auth.h"
#include "oauth/opaque.h"
#include "oauth/verdict.h"
#include "token/handlers.h"
#include "token_sql.h"

/* token_type_hint is not looked at: a token's form says what it is.  A token that we did not make is no error (2.2): then there is
 * nothing to do. */
enum err
revoke(struct request *rq)
{
	static const char *const names[] = { "token", "token_type_hint", NULL };
	const char *token = param(rq, "token");
	struct client_auth client;
	struct opaque access, refresh;
	enum err e;

	if ((e = param_faults(rq, names)) != OK || (e = client_auth_read(&client, rq)) != OK)
		return e;
	if (token == NULL)
		return refuse_param(rq, ERR_MISSING_PARAMETER, "token");
	opaque_parse(&access, rq->arena, OPAQUE_ACCESS, token);
	opaque_parse(&refresh, rq->arena, OPAQUE_REFRESH, token);
	e = verdict(rq, db_rows(rq->db, rq->arena, SQL_REVOKE, client.client_id, client.secret_digest, client.method, access.slot,
	    access.digest, refresh.locator, refresh.digest, rq->address, rq->id));
	if (e == OK)
		answer_no_store(rq);
	return e;
}
