/* SPDX-License-Identifier: ISC */
/* GET /openapi.json: what this API is and can do here, for a machine (OpenAPI 3.1). */
#include "config.h"

#include "base/buf.h"
#include "contacts/document.h"
#include "contacts/handlers.h"
#include "http/request.h"
#include "oauth/answer.h"

enum err
openapi(struct request *rq)
{
	const struct document *document;
	enum err e;

	if ((e = document_get(rq, &document)) != OK)
		return e;
	buf_add(&rq->out, document->text, document->len);
	answer_document(rq);
	return OK;
}
