/* SPDX-License-Identifier: ISC */
/* Passwords against crypt(3) hashes (libxcrypt): yescrypt for new ones, every scheme but DES, MD5 and NT for old ones. */
#ifndef POSTERN_PASSWORD_H
#define POSTERN_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

enum { PASSWORD_MAX = 511, PASSWORD_HASH_SIZE = 384 };

/* True if the password makes that hash.  A hash that is NULL or of no accepted scheme, and a password that is too long, cost one
 * yescrypt hash and are wrong (SE-4). */
bool password_verify(const char *hash, const char *password);

/* A new yescrypt hash.  False (with errno) for a password that is empty or longer than PASSWORD_MAX bytes. */
bool password_hash(char out[PASSWORD_HASH_SIZE], const char *password);

/* The scheme may be verified. */
bool password_accepted(const char *hash);

#endif
