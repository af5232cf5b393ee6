/* SPDX-License-Identifier: ISC */
/* GET /.well-known/...: what the authorization server, the resource /profile and the administrator's own say of themselves (RFC 8414
 * 3, RFC 9728 3). */
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
	metadata.resources = row_text(rows, "resources");
	metadata_reply_server(rq, &metadata);
	return OK;
}

enum err
metadata_profile(struct request *rq)
{
	metadata_reply_resource(rq, "profile", "profile", "header body", NULL);
	return OK;
}

/* Of the resource that the location in nginx names, with the scopes that it names. */
enum err
metadata_own(struct request *rq)
{
	const struct rows *rows;
	enum err e;

	rows = db_rows(rq->db, rq->arena, SQL_METADATA_RESOURCE, request_location(rq, "CHECK_RESOURCE"));
	if ((e = verdict(rq, rows)) != OK)
		return e;
	metadata_reply_resource(rq, row_text(rows, "uri"), request_location(rq, "CHECK_SCOPE"), "header", NULL);
	return OK;
}
