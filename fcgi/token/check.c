/* SPDX-License-Identifier: ISC */
/* /check: may this request pass?  nginx asks it before it serves what an administrator protects (auth_request); nobody else can.
 *
 * What a token must be good for is said by the location that asks, in parameters that no request can set. */
#include "config.h"

#include <stddef.h>

#include "db/db.h"
#include "http/request.h"
#include "http/response.h"
#include "oauth/answer.h"
#include "oauth/bearer.h"
#include "oauth/opaque.h"
#include "oauth/resource.h"
#include "oauth/verdict.h"
#include "token/handlers.h"
#include "token_sql.h"

/* nginx passes on the status and the challenge alone. */
void
check_refused(struct request *rq, enum err e)
{
	answer_no_store(rq);
	if (rq->resource != NULL)
		bearer_challenge(rq, e, rq->resource, request_location(rq, "CHECK_SCOPE"));
}

/* An id of the customer's own may hold anything; what no header can carry could also be cut short on its way. */
static bool
spellable(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	}
	return true;
}

static enum err
pass(struct request *rq, const struct rows *rows)
{
	if (!spellable(row_text(rows, "subject")))
		return refuse(rq, ERR_INVALID_TOKEN, "the account's id can't stand in a header");
	answer_no_store(rq);
	response_header(rq, "X-Postern-Subject", row_text(rows, "subject"));
	response_header(rq, "X-Postern-Client", row_text(rows, "client_id"));
	response_header(rq, "X-Postern-Scope", row_text(rows, "scope"));
	rq->status = 204;
	return OK;
}

enum err
check(struct request *rq)
{
	const char *resource = request_location(rq, "CHECK_RESOURCE"), *scope = request_location(rq, "CHECK_SCOPE");
	const struct rows *rows;
	struct bearer bearer;
	enum err e, sent;

	if (resource == NULL || scope == NULL)
		return refuse(rq, ERR_SERVER_ERROR, "the location in nginx names no %s", resource == NULL ? "resource" : "scope");
	sent = bearer_read_header(&bearer, rq);
	rows = db_rows(rq->db, rq->arena, SQL_CHECK, bearer.token.slot, bearer.token.digest, resource, scope);
	if ((e = verdict(rq, rows)) == OK)
		return pass(rq, rows);
	if (rows == NULL)
		return e;
	if (row_text(rows, "uri") == NULL)
		return refuse(rq, ERR_SERVER_ERROR, "the location in nginx names a resource that there is not: %s", resource);
	rq->resource = resource_uri(rq, row_text(rows, "uri"));
	return sent == OK ? e : sent;
}
