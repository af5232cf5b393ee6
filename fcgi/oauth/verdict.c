/* SPDX-License-Identifier: ISC */
/* What a deciding statement said. */
#include "config.h"

#include "oauth/verdict.h"

#include <stddef.h>

#include "db/db.h"
#include "http/request.h"

enum err
verdict(struct request *rq, const struct rows *rows)
{
	const char *detail;

	if (rows == NULL)
		return refuse(rq, db_away(rq->db) ? ERR_TEMPORARILY_UNAVAILABLE : ERR_SERVER_ERROR, "%s", db_error(rq->db));
	if ((detail = row_text(rows, "detail")) != NULL)
		rq->detail = detail;
	return error_named(row_text(rows, "verdict"));
}
