/* SPDX-License-Identifier: ISC */
/* The answer to an authorization request, at the client's redirect_uri (RFC 6749 4.1.2, 4.1.2.1, RFC 9207). */
#include "config.h"

#include "oauth/authorization_response.h"

#include <string.h>

#include "base/buf.h"
#include "http/request.h"
#include "http/response.h"
#include "oauth/answer.h"
#include "server/settings.h"

static void
add(struct buf *uri, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_char(uri, strchr(uri->data, '?') == NULL ? '?' : '&');
	buf_str(uri, name);
	buf_char(uri, '=');
	buf_percent(uri, value);
}

void
authorization_response(struct request *rq, const char *redirect_uri, const char *state, const char *code, enum err e)
{
	struct buf uri;

	buf_init(&uri, rq->arena, 1024);
	buf_str(&uri, redirect_uri);
	if (code != NULL) {
		add(&uri, "code", code);
	} else {
		add(&uri, "error", error_code(e));
		add(&uri, "error_description", answer_sentence(rq, e));
	}
	add(&uri, "state", state);
	add(&uri, "iss", rq->settings->issuer);
	response_redirect(rq, uri.data);
}
