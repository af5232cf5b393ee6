/* SPDX-License-Identifier: ISC */
/* User codes (RFC 8628 6.1): what a person reads on a device and types elsewhere, as WDJB-MJHT. */
#include "config.h"

#include "oauth/user_code.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/keyring.h"
#include "crypto/random.h"

static const char LETTERS[] = "BCDFGHJKLMNPQRSTVWXZ";

enum { LETTER_COUNT = sizeof(LETTERS) - 1, CODE_LEN = 8, TYPED_MAX = 64 };

/* A byte above the last multiple of 20 is drawn again, so that each letter is as likely as any. */
static char
random_letter(void)
{
	unsigned char byte;

	do
		random_bytes(&byte, 1);
	while (byte >= 256 / LETTER_COUNT * LETTER_COUNT);
	return LETTERS[byte % LETTER_COUNT];
}

const char *
user_code_new(struct arena *arena)
{
	char *code = arena_alloc(arena, CODE_LEN + 1);
	size_t i;

	for (i = 0; i < CODE_LEN; i++)
		code[i] = random_letter();
	return code;
}

const char *
user_code_read(struct arena *arena, const char *typed)
{
	char *code = arena_alloc(arena, CODE_LEN + 1), c;
	size_t n = 0;

	if (typed == NULL || strlen(typed) > TYPED_MAX)
		return NULL;
	for (; *typed != '\0'; typed++) {
		c = *typed;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9'))
			continue;
		if (n == CODE_LEN || strchr(LETTERS, c) == NULL)
			return NULL;
		code[n++] = c;
	}
	return n == CODE_LEN ? code : NULL;
}

const char *
user_code_spell(struct arena *arena, const char *code)
{
	return arena_printf(arena, "%.4s-%.4s", code, code + CODE_LEN / 2);
}

static const char *
mac(struct arena *arena, const struct key *key, const char *code)
{
	unsigned char derived[KEY_SIZE], digest[DIGEST_SIZE];

	key_derive(derived, key, "user-code");
	digest_hmac(digest, derived, code, CODE_LEN);
	explicit_bzero(derived, sizeof(derived));
	return text_bytea(arena, digest, DIGEST_SIZE);
}

const char *
user_code_mac(struct arena *arena, const struct keyring *ring, const char *code)
{
	return mac(arena, keyring_active(ring), code);
}

const char *
user_code_macs(struct arena *arena, const struct keyring *ring, const char *code)
{
	struct buf list;
	size_t i;

	buf_init(&list, arena, 128);
	for (i = 0; i < ring->count; i++)
		buf_printf(&list, "%s\"\\%s\"", i == 0 ? "{" : ",", mac(arena, &ring->keys[i], code));
	buf_char(&list, '}');
	return list.data;
}
