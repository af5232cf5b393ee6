/* SPDX-License-Identifier: ISC */
/* What follows a failed client authentication, whatever the endpoint: it is counted, and who guesses too often hears 429.
 *
 * This comes after the refusal and never before, so a right secret costs nothing and is never refused for others' wrong ones. */
#include "config.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/verdict.h"
#include "server/settings.h"
#include "token/handlers.h"
#include "token_sql.h"

/* A failure that can't be counted stays a failure: a secret has 256 bits, the count is for whoever looks into it. */
static const struct rows *
count(struct request *rq)
{
	const struct rows *rows = db_rows(rq->db, rq->arena, SQL_CLIENT_FAILURE, rq->asking.client_id, request_address_block(rq),
	    text_decimal(rq->arena, rq->settings->client_failure_limit), rq->id);

	if (rows == NULL)
		log_event(LOG_WARN, "uncounted", "id", rq->id, "path", rq->path, "detail", db_error(rq->db), NULL);
	return rows;
}

enum err
client_failure(struct request *rq, enum err e)
{
	const char *reason = rq->detail;
	const struct rows *rows;

	if (e != ERR_INVALID_CLIENT || (rows = count(rq)) == NULL)
		return e;
	if ((e = verdict(rq, rows)) == ERR_TOO_MANY_GUESSES)
		rq->retry_after = row_number(rows, "wait");
	rq->detail = arena_printf(rq->arena, "%s; %s", reason, rq->detail);
	return e;
}
