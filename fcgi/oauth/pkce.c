/* SPDX-License-Identifier: ISC */
/* Proof Key for Code Exchange (RFC 7636): the forms of challenge and verifier, and S256.
 *
 *   code-verifier = 43*128unreserved
 *   unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~" */
#include "config.h"

#include "oauth/pkce.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "crypto/digest.h"

static const char UNRESERVED[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

bool
pkce_challenge_valid(const char *challenge)
{
	unsigned char digest[DIGEST_SIZE];

	return text_unbase64url(digest, sizeof(digest), challenge, strlen(challenge));
}

const char *
pkce_s256(struct arena *arena, const char *verifier)
{
	unsigned char digest[DIGEST_SIZE];
	char *challenge;
	size_t len;

	if (verifier == NULL || (len = strlen(verifier)) < 43 || len > 128 || !text_only(verifier, UNRESERVED))
		return NULL;
	digest_sha256(digest, verifier, len);
	challenge = arena_alloc(arena, text_base64url_len(DIGEST_SIZE) + 1);
	text_base64url(challenge, digest, DIGEST_SIZE);
	return challenge;
}
