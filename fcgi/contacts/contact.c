/* SPDX-License-Identifier: ISC */
/* GET /contacts/ID: one contact of the person whom an access token acts for. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "contacts/fields.h"
#include "contacts/handlers.h"
#include "contacts/limits.h"
#include "contacts/query.h"
#include "contacts/record.h"
#include "contacts/reply.h"
#include "contacts_sql.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/bearer.h"
#include "oauth/opaque.h"

static void
reply(struct request *rq, const struct query *query, const struct rows *rows)
{
	unsigned int fields = query->fields != FIELDS_NONE ? query->fields : FIELDS_ALL;
	struct record record;
	struct json json;

	record_open(&record, rq, rows, fields, false);
	if (query->vcard) {
		record_vcard(&record, &rq->out, 0);
	} else {
		json_begin(&json, &rq->out);
		record_json(&record, &json, 0);
	}
	reply_send(rq, query, NULL);
}

enum err
contact(struct request *rq)
{
	const char *id = text_utf8(rq->rest, strlen(rq->rest)) && !opaque_inside(rq->rest) ? rq->rest : NULL;
	const struct rows *rows;
	struct bearer bearer;
	struct query query;
	enum err e;

	if ((e = bearer_read(&bearer, rq)) != OK || (e = limits_known(rq, &bearer)) != OK ||
	    (e = query_read_one(&query, rq)) != OK)
		return e;
	rows = db_rows(rq->db, rq->arena, SQL_CONTACT, bearer.token.slot, bearer.token.digest, bearer.query, id);
	if ((e = reply_verdict(rq, rows)) != OK)
		return e;
	reply(rq, &query, rows);
	return OK;
}
