/* SPDX-License-Identifier: ISC */
/* The opaque cursor of a page of contacts: after which contact of which owner the next page goes on.
 *
 * base64url(OWNER NUL ID) "." KEY-ID "." base64url(HMAC) */
#include "config.h"

#include "contacts/cursor.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "crypto/keyring.h"
#include "http/request.h"

static const char PURPOSE[] = "contacts-cursor";

enum { PLAIN_MAX = 2048 };

const char *
cursor_spell(struct request *rq, const struct cursor *cursor)
{
	size_t owner_len = strlen(cursor->owner), len = owner_len + 1 + strlen(cursor->after);
	char *plain = arena_alloc(rq->arena, len + 1), *text = arena_alloc(rq->arena, text_base64url_len(len) + 1), tag[TAG_SIZE];

	memcpy(plain, cursor->owner, owner_len + 1);
	memcpy(plain + owner_len + 1, cursor->after, len - owner_len);
	text_base64url(text, (unsigned char *)plain, len);
	keyring_tag(tag, rq->context->keyring, PURPOSE, plain, len);
	return arena_printf(rq->arena, "%s.%s", text, tag);
}

bool
cursor_parse(struct request *rq, const char *text, struct cursor *ret)
{
	const char *dot = strchr(text, '.');
	size_t text_len, len;
	char *plain, *nul;

	if (dot == NULL)
		return false;
	text_len = (size_t)(dot - text);
	len = text_len * 3 / 4;
	if (len > PLAIN_MAX)
		return false;
	plain = arena_alloc(rq->arena, len + 1);
	if (!text_unbase64url((unsigned char *)plain, len, text, text_len) ||
	    !keyring_tagged(dot + 1, rq->context->keyring, PURPOSE, plain, len))
		return false;
	if ((nul = memchr(plain, '\0', len)) == NULL)
		return false;
	ret->owner = plain;
	ret->after = nul + 1;
	return true;
}
