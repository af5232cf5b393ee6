/* SPDX-License-Identifier: ISC */
/* What a client hands back to go on: the cursor of a next page, and the mark of a sync.
 *
 * base64url(PART NUL PART ...) "." KEY-ID "." base64url(HMAC)
 *
 * A part is "=" and its text, which may be empty (an id, a name), or nothing where there is none. */
#include "config.h"

#include "contacts/cursor.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "crypto/keyring.h"
#include "http/request.h"

static const char CURSOR[] = "contacts-cursor", MARK[] = "contacts-sync";

enum { CURSOR_PARTS = 7, MARK_PARTS = 3, PLAIN_MAX = 3000, SNAPSHOT_MAX = 400 };

/* What the tag covers: the parts, and what the text is bound to without holding it. */
static void
cover(struct buf *covered, const char *bound)
{
	buf_char(covered, '\0');
	buf_str(covered, bound);
}

static const char *
spell(struct request *rq, const char *purpose, const char *const *parts, size_t n, const char *bound)
{
	char *text, tag[TAG_SIZE];
	struct buf plain;
	size_t i, len;

	buf_init(&plain, rq->arena, 256);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_char(&plain, '\0');
		if (parts[i] == NULL)
			continue;
		buf_char(&plain, '=');
		buf_str(&plain, parts[i]);
	}
	len = plain.len;
	cover(&plain, bound);
	keyring_tag(tag, rq->context->keyring, purpose, plain.data, plain.len);
	text = arena_alloc(rq->arena, text_base64url_len(len) + 1);
	text_base64url(text, (const unsigned char *)plain.data, len);
	return arena_printf(rq->arena, "%s.%s", text, tag);
}

/* Takes exactly n parts out of len bytes, after which a NUL stands. */
static bool
split(char *plain, size_t len, const char **parts, size_t n)
{
	char *end = plain + len;
	size_t i;

	for (i = 0; i < n; i++) {
		if (plain > end)
			return false;
		parts[i] = *plain == '\0' ? NULL : plain + 1;
		plain += strlen(plain) + 1;
	}
	return plain == end + 1;
}

static bool
parse(struct request *rq, const char *purpose, const char *text, const char *bound, const char **parts, size_t n)
{
	size_t text_len = strcspn(text, "."), len = text_len * 3 / 4;
	struct buf plain;

	if (text[text_len] == '\0' || len > PLAIN_MAX)
		return false;
	buf_init(&plain, rq->arena, len + strlen(bound) + 2);
	if (!text_unbase64url((unsigned char *)plain.data, len, text, text_len))
		return false;
	plain.len = len;
	cover(&plain, bound);
	return keyring_tagged(text + text_len + 1, rq->context->keyring, purpose, plain.data, plain.len) &&
	    split(plain.data, len, parts, n);
}

/* xmin ":" xmax ":" list, of which nothing before xmin is running. */
const char *
cursor_snapshot(struct arena *arena, const char *snapshot)
{
	int xmin = (int)strcspn(snapshot, ":");

	if (strlen(snapshot) <= SNAPSHOT_MAX)
		return snapshot;
	return arena_printf(arena, "%.*s:%.*s:", xmin, snapshot, xmin, snapshot);
}

const char *
cursor_spell(struct request *rq, const struct cursor *cursor, const char *bound)
{
	const char pass[] = { (char)cursor->pass, '\0' };
	const char *const parts[CURSOR_PARTS] = { pass, cursor->owner, cursor->database, cursor->horizon, cursor->since,
		cursor->at[0], cursor->at[1] };

	return spell(rq, CURSOR, parts, CURSOR_PARTS, bound);
}

bool
cursor_parse(struct request *rq, const char *text, const char *bound, struct cursor *ret)
{
	const char *parts[CURSOR_PARTS];

	if (!parse(rq, CURSOR, text, bound, parts, CURSOR_PARTS))
		return false;
	ret->pass = (enum pass)*parts[0];
	ret->owner = parts[1];
	ret->database = parts[2];
	ret->horizon = parts[3];
	ret->since = parts[4];
	ret->at[0] = parts[5];
	ret->at[1] = parts[6];
	return true;
}

const char *
cursor_spell_mark(struct request *rq, const struct mark *mark)
{
	const char *const parts[MARK_PARTS] = { mark->owner, mark->database, mark->snapshot };

	return spell(rq, MARK, parts, MARK_PARTS, "");
}

bool
cursor_parse_mark(struct request *rq, const char *text, struct mark *ret)
{
	const char *parts[MARK_PARTS];

	if (!parse(rq, MARK, text, "", parts, MARK_PARTS))
		return false;
	ret->owner = parts[0];
	ret->database = parts[1];
	ret->snapshot = parts[2];
	return true;
}
