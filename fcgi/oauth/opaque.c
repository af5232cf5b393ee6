/* SPDX-License-Identifier: ISC */
/* The form of our secrets: prefix, (slot,) (locator,) 256 random bits, checksum. */
#include "config.h"

#include "oauth/opaque.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/random.h"

enum { PREFIX_LEN = 5, RANDOM_LEN = 43, LOCATOR_LEN = 22, CHECK_LEN = 6, CHECK_BYTES = 4 };

static const struct form {
	const char *prefix;
	bool slot, locator;
} forms[] = {
	[OPAQUE_ACCESS] = { "psta_", true, false },
	[OPAQUE_CODE] = { "pstc_", false, true },
	[OPAQUE_REFRESH] = { "pstr_", false, true },
	[OPAQUE_SECRET] = { "psts_", false, false },
	[OPAQUE_HANDLE] = { "pstq_", true, false },
	[OPAQUE_PUSHED] = { "pstp_", true, false },
	[OPAQUE_DEVICE] = { "pstd_", false, false },
};

static void
checksum(char out[CHECK_LEN + 1], const char *text, size_t len)
{
	unsigned char digest[DIGEST_SIZE];

	digest_sha256(digest, text, len);
	text_base64url(out, digest, CHECK_BYTES);
}

static const char *
digest_of(struct arena *arena, const unsigned char random[OPAQUE_RANDOM])
{
	unsigned char digest[DIGEST_SIZE];

	digest_sha256(digest, random, OPAQUE_RANDOM);
	return text_bytea(arena, digest, DIGEST_SIZE);
}

/* Of the characters before the checksum. */
static size_t
form_len(const struct form *form)
{
	return (size_t)(PREFIX_LEN + form->slot + (form->locator ? LOCATOR_LEN : 0) + RANDOM_LEN);
}

bool
opaque_parse(struct opaque *ret, struct arena *arena, enum opaque_kind kind, const char *text)
{
	const struct form *form = &forms[kind];
	size_t len = form_len(form);
	const char *p = text;
	char check[CHECK_LEN + 1];

	memset(ret, 0, sizeof(*ret));
	if (text == NULL || strlen(text) != len + CHECK_LEN || strncmp(text, form->prefix, PREFIX_LEN) != 0)
		return false;
	checksum(check, text, len);
	if (strcmp(check, text + len) != 0)
		return false;
	p += PREFIX_LEN;
	if (form->slot && (*p < '0' || *p > '3'))
		return false;
	p += form->slot;
	if (form->locator && !text_unbase64url(ret->locator_bytes, OPAQUE_LOCATOR, p, LOCATOR_LEN))
		return false;
	p += form->locator ? LOCATOR_LEN : 0;
	if (!text_unbase64url(ret->random, OPAQUE_RANDOM, p, RANDOM_LEN))
		return false;
	if (form->slot)
		ret->slot = arena_strndup(arena, text + PREFIX_LEN, 1);
	if (form->locator)
		ret->locator = text_bytea(arena, ret->locator_bytes, OPAQUE_LOCATOR);
	ret->digest = digest_of(arena, ret->random);
	return true;
}

bool
opaque_inside(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strstr(text, forms[i].prefix) != NULL)
			return true;
	}
	return false;
}

static bool
checked(const struct form *form, const char *text)
{
	size_t len = form_len(form);
	char check[CHECK_LEN + 1];

	if (strlen(text) < len + CHECK_LEN)
		return false;
	checksum(check, text, len);
	return memcmp(check, text + len, CHECK_LEN) == 0;
}

bool
opaque_whole_inside(const char *text)
{
	const char *p;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		for (p = strstr(text, forms[i].prefix); p != NULL; p = strstr(p + 1, forms[i].prefix)) {
			if (checked(&forms[i], p))
				return true;
		}
	}
	return false;
}

void
opaque_make(struct opaque_new *new, struct opaque *ret, struct arena *arena, enum opaque_kind kind)
{
	memset(ret, 0, sizeof(*ret));
	new->kind = kind;
	random_bytes(new->locator, OPAQUE_LOCATOR);
	random_bytes(new->random, OPAQUE_RANDOM);
	if (forms[kind].locator)
		ret->locator = text_bytea(arena, new->locator, OPAQUE_LOCATOR);
	ret->digest = digest_of(arena, new->random);
}

void
opaque_follow(
    struct opaque_new *new, struct opaque *ret, struct arena *arena, const struct opaque *before, const unsigned char *random)
{
	memset(ret, 0, sizeof(*ret));
	new->kind = OPAQUE_REFRESH;
	memcpy(new->locator, before->locator_bytes, OPAQUE_LOCATOR);
	if (random == NULL)
		random_bytes(new->random, OPAQUE_RANDOM);
	else
		memcpy(new->random, random, OPAQUE_RANDOM);
	ret->digest = digest_of(arena, new->random);
}

const char *
opaque_spell(const struct opaque_new *new, struct arena *arena, const char *slot)
{
	const struct form *form = &forms[new->kind];
	char locator[LOCATOR_LEN + 1] = "", random[RANDOM_LEN + 1], check[CHECK_LEN + 1], *text;

	if (form->locator)
		text_base64url(locator, new->locator, OPAQUE_LOCATOR);
	text_base64url(random, new->random, OPAQUE_RANDOM);
	text = arena_printf(arena, "%s%s%s%s", form->prefix, form->slot ? slot : "", locator, random);
	checksum(check, text, strlen(text));
	return arena_printf(arena, "%s%s", text, check);
}
