/* SPDX-License-Identifier: ISC */
/* GET, POST /profile: the person whom an access token acts for (RFC 6750). */
#include "config.h"

#include <stddef.h>

#include "db/db.h"
#include "http/request.h"
#include "oauth/answer.h"
#include "oauth/bearer.h"
#include "oauth/resource.h"
#include "oauth/verdict.h"
#include "token/handlers.h"
#include "token_sql.h"

void
profile_refused(struct request *rq, enum err e)
{
	bearer_challenge(rq, e, resource_uri(rq, "profile"), "profile");
	answer_bearer_error(rq, e);
}

enum err
profile(struct request *rq)
{
	const struct rows *rows;
	struct bearer bearer;
	struct json json;
	enum err e;

	if ((e = bearer_read(&bearer, rq)) != OK)
		return e;
	rows = db_rows(rq->db, rq->arena, SQL_PROFILE, bearer.token.slot, bearer.token.digest, bearer.query);
	if ((e = verdict(rq, rows)) != OK)
		return e;
	bearer_cache(rq);
	answer_json(rq, &json);
	json_object(&json);
	json_key(&json, "id");
	if (rows_numeric(rows, "account_id"))
		json_raw(&json, row_text(rows, "account_id"));
	else
		json_string(&json, row_text(rows, "account_id"));
	json_member(&json, "username", row_text(rows, "username"));
	json_object_end(&json);
	return OK;
}
