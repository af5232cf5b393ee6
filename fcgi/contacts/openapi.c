/* SPDX-License-Identifier: ISC */
/* GET /openapi.json: what this API is and can do here, for a machine (OpenAPI 3.1). */
#include "config.h"

#include "base/buf.h"
#include "contacts/document.h"
#include "contacts/handlers.h"
#include "http/request.h"
#include "http/response.h"

enum err
openapi(struct request *rq)
{
	const struct document *document;
	enum err e;

	if ((e = document_get(rq, &document)) != OK)
		return e;
	response_header(rq, "Cache-Control", "public, max-age=3600");
	if (response_unchanged(rq, document->tag))
		return OK;
	response_header(rq, "Content-Type", "application/json");
	response_header(rq, "X-Content-Type-Options", "nosniff");
	buf_add(&rq->out, document->text, document->len);
	return OK;
}
