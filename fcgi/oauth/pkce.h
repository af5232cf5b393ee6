/* SPDX-License-Identifier: ISC */
/* Proof Key for Code Exchange (RFC 7636): the forms of challenge and verifier, and S256. */
#ifndef POSTERN_PKCE_H
#define POSTERN_PKCE_H

#include <stdbool.h>

struct arena;

/* An S256 challenge: base64url of 32 bytes, 43 characters (4.2). */
bool pkce_challenge_valid(const char *);

/* S256 of a verifier (4.2, 4.6); NULL where it is NULL or not 43 to 128 unreserved characters (4.1). */
const char *pkce_s256(struct arena *, const char *verifier);

#endif
