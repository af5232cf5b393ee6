/* SPDX-License-Identifier: ISC */
/* The forms in which a machine hears of success or error. */
#include "config.h"

#include "oauth/answer.h"

#include <string.h>

#include "base/arena.h"
#include "http/etag.h"
#include "http/request.h"
#include "http/response.h"
#include "server/settings.h"

void
answer_json(struct request *rq, struct json *json)
{
	response_header(rq, "Content-Type", "application/json");
	response_header(rq, "X-Content-Type-Options", "nosniff");
	json_begin(json, &rq->out);
}

void
answer_document(struct request *rq)
{
	response_header(rq, "Cache-Control", "public, max-age=3600");
	if (etag_unchanged(rq))
		return;
	response_header(rq, "Content-Type", "application/json");
	response_header(rq, "X-Content-Type-Options", "nosniff");
}

void
answer_no_store(struct request *rq)
{
	response_header(rq, "Cache-Control", "no-store");
	response_header(rq, "Pragma", "no-cache");
}

const char *
answer_sentence(struct request *rq, enum err e)
{
	if (rq->parameter == NULL)
		return error_sentence(e);
	return arena_printf(rq->arena, "%.*s: %s", (int)strcspn(error_sentence(e), "."), error_sentence(e), rq->parameter);
}

void
answer_oauth_error(struct request *rq, enum err e)
{
	if (error_status(e) == 401)
		response_header(rq, "WWW-Authenticate", "Basic realm=\"postern\", charset=\"UTF-8\"");
	answer_bearer_error(rq, e);
}

void
answer_bearer_error(struct request *rq, enum err e)
{
	struct json json;

	answer_no_store(rq);
	answer_json(rq, &json);
	json_object(&json);
	json_member(&json, "error", error_code(e));
	json_member(&json, "error_description", answer_sentence(rq, e));
	json_object_end(&json);
}

/* The page at "/" of the contacts' host says what each of them means. */
static const char *
problem_type(const struct request *rq, const char *code)
{
	const char *url = rq->settings->contacts_url;

	if (code == NULL)
		return "about:blank";
	return arena_printf(rq->arena, "%.*s/#%s", (int)(strlen(url) - strlen("/contacts")), url, code);
}

void
answer_problem(struct request *rq, enum err e)
{
	struct json json;

	response_header(rq, "Content-Type", "application/problem+json");
	response_header(rq, "X-Content-Type-Options", "nosniff");
	response_header(rq, "Cache-Control", "no-store");
	json_begin(&json, &rq->out);
	json_object(&json);
	json_member(&json, "type", problem_type(rq, error_code(e)));
	json_member(&json, "title", response_reason(error_status(e)));
	json_key(&json, "status");
	json_number(&json, error_status(e));
	json_member(&json, "detail", answer_sentence(rq, e));
	json_member(&json, "error", error_code(e));
	json_member(&json, "request_id", rq->id);
	json_object_end(&json);
}
