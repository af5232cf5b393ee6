/* SPDX-License-Identifier: ISC */
/* The two cookies of a browser: whose session it is, and, before anybody signed in, which browser it is. */
#include "config.h"

#include "html/session.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "http/cookie.h"
#include "http/request.h"

static const char SESSION[] = "__Host-postern";
static const char BROWSER[] = "__Host-postern-browser";

enum { COOKIE_BYTES = 32, COOKIE_TEXT = 43 };

static const char *
digest_of(struct arena *arena, const unsigned char random[COOKIE_BYTES])
{
	unsigned char digest[DIGEST_SIZE];

	digest_sha256(digest, random, COOKIE_BYTES);
	return text_bytea(arena, digest, DIGEST_SIZE);
}

static const char *
read_cookie(struct request *rq, const char *name)
{
	unsigned char random[COOKIE_BYTES];
	const char *value;

	if ((value = cookie_get(rq, name)) == NULL || !text_unbase64url(random, sizeof(random), value, strlen(value)))
		return NULL;
	return digest_of(rq->arena, random);
}

void
session_new(struct request *rq, struct session_cookie *cookie)
{
	unsigned char random[COOKIE_BYTES];
	char *value = arena_alloc(rq->arena, COOKIE_TEXT + 1);

	random_bytes(random, sizeof(random));
	text_base64url(value, random, sizeof(random));
	cookie->value = value;
	cookie->digest = digest_of(rq->arena, random);
}

void
session_give(struct request *rq, const struct session_cookie *cookie)
{
	cookie_set(rq, SESSION, cookie->value);
}

void
session_cookies(struct request *rq, struct browser *browser)
{
	browser->session = read_cookie(rq, SESSION);
	browser->browser = read_cookie(rq, BROWSER);
}

void
session_know_browser(struct request *rq, struct browser *browser)
{
	struct session_cookie new;

	if (browser->browser != NULL)
		return;
	session_new(rq, &new);
	cookie_set(rq, BROWSER, new.value);
	browser->browser = new.digest;
}

void
session_forget(struct request *rq)
{
	cookie_clear(rq, SESSION);
}
