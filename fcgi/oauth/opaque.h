/* SPDX-License-Identifier: ISC */
/* The form of our secrets: prefix, (slot,) (locator,) 256 random bits, checksum.
 *
 *   psta_ S R{43} C{6}        access token: S is its slot in the ring of days
 *   pstc_ L{22} R{43} C{6}    authorization code: L finds the grant
 *   pstr_ L{22} R{43} C{6}    refresh token: L finds the grant, all of one grant have the same
 *   psts_ R{43} C{6}          client secret
 *   pstq_ S R{43} C{6}        handle of a kept authorization request: S is its slot in the ring of hours
 *   pstp_ S R{43} C{6}        in the request_uri of a pushed request: S likewise
 *   pstd_ R{43} C{6}          device code
 *
 * L, R and C are base64url; C is the beginning of the SHA-256 of all that stands before it, so that a scanner for leaked secrets
 * knows one for sure and a typo costs no look-up.  The database holds SHA-256 of R's 32 bytes and nothing else of R. */
#ifndef POSTERN_OPAQUE_H
#define POSTERN_OPAQUE_H

#include <stdbool.h>

struct arena;

enum opaque_kind { OPAQUE_ACCESS, OPAQUE_CODE, OPAQUE_REFRESH, OPAQUE_SECRET, OPAQUE_HANDLE, OPAQUE_PUSHED, OPAQUE_DEVICE };

enum { OPAQUE_RANDOM = 32, OPAQUE_LOCATOR = 16 };

/* What SQL needs of one: texts as PostgreSQL reads them, NULL where the kind has no such part or the text was malformed; and the bytes
 * themselves. */
struct opaque {
	const char *slot;
	const char *locator;
	const char *digest;
	unsigned char locator_bytes[OPAQUE_LOCATOR];
	unsigned char random[OPAQUE_RANDOM];
};

/* Reads one; a malformed one (or NULL) leaves all parts NULL and returns false. */
bool opaque_parse(struct opaque *, struct arena *, enum opaque_kind, const char *text);

/* One of them stands somewhere in the text, right or wrong: people paste them in the wrong place, where they would be logged. */
bool opaque_inside(const char *text);

/* True if it holds one that is whole, with its checksum: for a text that may be anything, where opaque_inside could see one by
 * chance. */
bool opaque_whole_inside(const char *text);

/* A new one.  Its random part; the slot is known only after the statement that stores it. */
struct opaque_new {
	enum opaque_kind kind;
	unsigned char locator[OPAQUE_LOCATOR];
	unsigned char random[OPAQUE_RANDOM];
};

/* Makes one, and what SQL stores of it (slot NULL). */
void opaque_make(struct opaque_new *, struct opaque *, struct arena *, enum opaque_kind);

/* Another of the same kind and locator, with these random bytes (NULL: new ones): a refresh token's successor. */
void opaque_follow(struct opaque_new *, struct opaque *, struct arena *, const struct opaque *before, const unsigned char *random);

/* Spells it; slot is NULL for kinds without one. */
const char *opaque_spell(const struct opaque_new *, struct arena *, const char *slot);

#endif
