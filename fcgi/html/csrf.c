/* SPDX-License-Identifier: ISC */
/* Our own forms: a token that ties a form to its browser, its request and its time, and the origin it was sent from. */
#include "config.h"

#include "html/csrf.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "crypto/keyring.h"
#include "http/request.h"
#include "server/settings.h"

static const char PURPOSE[] = "csrf";

static const char *
message(struct request *rq, const char *path, const char *cookie_digest, const char *handle, const char *form_time)
{
	return arena_printf(rq->arena, "%s %s %s %s", path, cookie_digest, handle == NULL ? "" : handle, form_time);
}

const char *
csrf_token(struct request *rq, const char *path, const char *cookie_digest, const char *handle, const char *form_time)
{
	const char *text = message(rq, path, cookie_digest, handle, form_time);
	char *tag = arena_alloc(rq->arena, TAG_SIZE);

	keyring_tag(tag, rq->context->keyring, PURPOSE, text, strlen(text));
	return tag;
}

/* Our pages are sent with Referrer-Policy: no-referrer, and so browsers write "Origin: null" on their forms; then only
 * Sec-Fetch-Site, which no page can set, tells our form from another site's.  Whoever sends neither is no browser of today: no
 * page of another site can make one do that, and the token decides. */
static bool
same_origin(const struct request *rq)
{
	const char *origin = request_header(rq, "ORIGIN"), *site = request_header(rq, "SEC_FETCH_SITE");

	if (site != NULL && strcmp(site, "same-origin") != 0)
		return false;
	if (origin == NULL)
		return true;
	return strcmp(origin, rq->settings->issuer_origin) == 0 || (site != NULL && strcmp(origin, "null") == 0);
}

static const char *
header_or_none(const struct request *rq, const char *name)
{
	const char *value = request_header(rq, name);

	return value == NULL ? "missing" : value;
}

enum err
csrf_check(struct request *rq, const char *cookie_digest)
{
	const char *token = param(rq, "csrf"), *form_time = param(rq, "t"), *text;
	int64_t seconds;

	if (!same_origin(rq))
		return refuse(rq, ERR_FORM_FORGED,
		    "the form was sent from another origin: Origin is %s, Sec-Fetch-Site is %s, ours is %s",
		    header_or_none(rq, "ORIGIN"), header_or_none(rq, "SEC_FETCH_SITE"), rq->settings->issuer_origin);
	if (cookie_digest == NULL)
		return refuse(rq, ERR_FORM_FORGED, "the form came without its cookie");
	if (token == NULL || form_time == NULL || !text_number(form_time, 0, INT64_MAX, &seconds))
		return refuse(rq, ERR_FORM_FORGED, "the form lacks csrf or t");
	text = message(rq, rq->path, cookie_digest, param(rq, "h"), form_time);
	if (!keyring_tagged(token, rq->context->keyring, PURPOSE, text, strlen(text)))
		return refuse(rq, ERR_FORM_FORGED, "the form's token does not fit its cookie, request and time");
	return OK;
}
