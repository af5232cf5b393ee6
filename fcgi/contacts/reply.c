/* SPDX-License-Identifier: ISC */
/* What the answers of /contacts and /contacts/ID have in common. */
#include "config.h"

#include "contacts/reply.h"

#include <stddef.h>

#include "contacts/handlers.h"
#include "contacts/limits.h"
#include "contacts/query.h"
#include "db/db.h"
#include "http/etag.h"
#include "http/request.h"
#include "http/response.h"
#include "oauth/answer.h"
#include "oauth/bearer.h"
#include "oauth/resource.h"
#include "oauth/verdict.h"

enum err
reply_verdict(struct request *rq, const struct rows *rows)
{
	return limits_judged(rq, rows, verdict(rq, rows));
}

void
reply_send(struct request *rq, const struct query *query, const char *tag)
{
	response_header(rq, "Cache-Control", "private, no-cache");
	response_vary(rq, "Authorization, Accept");
	if (tag == NULL ? etag_unchanged(rq) : etag_known(rq, tag))
		return;
	response_header(rq, "Content-Type", query->vcard ? "text/vcard; charset=utf-8" : "application/json");
	response_header(rq, "X-Content-Type-Options", "nosniff");
}

void
contacts_refused(struct request *rq, enum err e)
{
	bearer_challenge(rq, e, resource_uri(rq, "contacts"), "contacts");
	answer_problem(rq, e);
}
