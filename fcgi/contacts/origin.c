/* SPDX-License-Identifier: ISC */
/* Whether scripts of pages of an origin may read an answer: what cors_answer asks. */
#include "config.h"

#include <stddef.h>

#include "contacts/handlers.h"
#include "contacts_sql.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/opaque.h"

bool
origin_allowed(struct request *rq, const char *origin)
{
	const struct rows *rows;

	if (opaque_inside(origin))      /* a secret in the wrong place: a statement's parameters may be logged */
		return false;
	rows = db_rows(rq->db, rq->arena, SQL_ORIGIN, origin, rq->asking.slot, rq->asking.digest);
	return rows != NULL && row_bool(rows, "allowed");
}
