/* SPDX-License-Identifier: ISC */
/* GET /.well-known/...: what the authorization server and the resource /profile say of themselves (RFC 8414 3, RFC 9728 3). */
#include "config.h"

#include "oauth/metadata.h"

#include <stddef.h>

#include "db/db.h"
#include "http/request.h"
#include "oauth/verdict.h"
#include "token/handlers.h"
#include "token_sql.h"

enum err
metadata_server(struct request *rq)
{
	const struct rows *rows;
	struct metadata metadata;
	enum err e;

	rows = db_execute(rq->db, rq->arena, SQL_METADATA, NULL, 0);
	if ((e = verdict(rq, rows)) != OK)
		return e;
	metadata.grant_types = token_grant_types(rq->arena);
	metadata.scopes = row_text(rows, "scopes");
	metadata_reply_server(rq, &metadata);
	return OK;
}

enum err
metadata_profile(struct request *rq)
{
	metadata_reply_resource(rq, "profile", "profile", "header body");
	return OK;
}
