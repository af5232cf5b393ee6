/* SPDX-License-Identifier: ISC */
/* Passwords against the hashes that frameworks make: crypt(3), PBKDF2, Argon2id; yescrypt for new ones. */
#ifndef POSTERN_PASSWORD_H
#define POSTERN_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

enum { PASSWORD_MAX = 511, PASSWORD_HASH_SIZE = 384 };

/* True if the password makes that hash.
 *
 * One hash is computed, whatever comes (SE-4): where this one can't be (NULL, damaged, of no accepted scheme, beyond the bounds of
 * cost), it is the decoy, and where that can't be either (NULL), one of a new one's cost; the password is wrong then.  One that is
 * longer than PASSWORD_MAX is wrong. */
bool password_verify(const char *hash, const char *password, const char *decoy);

/* A new yescrypt hash.  False (with errno) for a password that is empty or longer than PASSWORD_MAX bytes. */
bool password_hash(char out[PASSWORD_HASH_SIZE], const char *password);

/* The hash has the form of a scheme that is verified, and its cost is within the bounds. */
bool password_accepted(const char *hash);

/* The hash has the scheme and the cost of a new one. */
bool password_current(const char *hash);

#endif
