/* SPDX-License-Identifier: ISC */
/* Client authentication at the machine's endpoints (RFC 6749 2.3). */
#include "config.h"

#include "oauth/client_auth.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/text.h"
#include "http/request.h"
#include "oauth/opaque.h"

enum { CLIENT_ID_MAX = 255 };

/* Both halves of Basic are form-encoded before they are joined (RFC 6749 2.3.1): decoding them as a form's values does it. */
static const char *
half(struct request *rq, const char *text, size_t len)
{
	struct form form;
	const char *pair = arena_printf(rq->arena, "half=%.*s", (int)len, text);

	if (memchr(text, '&', len) != NULL)
		return NULL;
	form_parse(&form, rq->arena, pair, strlen(pair));
	return form_get(&form, "half");
}

/* Takes "Basic BASE64(ID:SECRET)" apart; false when it isn't that. */
static bool
basic(struct request *rq, const char *header, const char **ret_id, const char **ret_secret)
{
	char *plain = arena_alloc(rq->arena, HEADER_MAX), *colon;
	long n;

	header += strlen("Basic");
	header += strspn(header, " ");
	if ((n = text_unbase64((unsigned char *)plain, HEADER_MAX - 1, header)) < 0)
		return false;
	if (!text_utf8(plain, (size_t)n) || (colon = strchr(plain, ':')) == NULL)
		return false;
	*ret_id = half(rq, plain, (size_t)(colon - plain));
	*ret_secret = half(rq, colon + 1, strlen(colon + 1));
	return *ret_id != NULL && *ret_secret != NULL;
}

/* The client_id's form, so that no log line is stretched by it: VSCHAR without space. */
static bool
client_id_valid(const char *id)
{
	const char *p;

	for (p = id; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~')
			return false;
	}
	return p > id && p - id <= CLIENT_ID_MAX;
}

enum err
client_auth_read(struct client_auth *auth, struct request *rq)
{
	static const char *const names[] = { "client_id", "client_secret", NULL };
	const char *header = request_header(rq, "AUTHORIZATION"), *id, *secret = param(rq, "client_secret");
	struct opaque opaque;
	enum err e;

	if (form_has(&rq->query, "client_id") || form_has(&rq->query, "client_secret"))
		return refuse(rq, ERR_CREDENTIALS_IN_URI, "client_id or client_secret in the URI");
	if ((e = param_faults(rq, names)) != OK)
		return e;
	id = param(rq, "client_id");
	auth->method = secret == NULL ? "none" : "post";
	if (header != NULL) {
		if (secret != NULL)
			return refuse(rq, ERR_TWO_AUTHENTICATIONS, "client_secret beside an Authorization header");
		auth->method = "basic";
		if (strncasecmp(header, "Basic ", 6) != 0 || !basic(rq, header, &auth->client_id, &secret))
			return refuse(rq, ERR_INVALID_CLIENT, "the Authorization header is not well-formed Basic");
		if (id != NULL && strcmp(id, auth->client_id) != 0)
			return refuse(rq, ERR_TWO_AUTHENTICATIONS, "client_id differs from that of the Authorization header");
		id = auth->client_id;
	}
	if (id == NULL || !client_id_valid(id))
		return refuse(rq, ERR_INVALID_CLIENT, id == NULL ? "no client_id" : "a malformed client_id");
	if (opaque_inside(id))
		return refuse(rq, ERR_INVALID_CLIENT, "a secret stands where the client_id should");
	rq->asking.client_id = auth->client_id = id;
	opaque_parse(&opaque, rq->arena, OPAQUE_SECRET, secret);
	auth->secret_digest = opaque.digest;
	return OK;
}
