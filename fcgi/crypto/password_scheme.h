/* SPDX-License-Identifier: ISC */
/* What the schemes of password.c have in common: each judges a hash, and computes it for a password.
 *
 * A hash comes out of a table that others write.  So its cost has bounds: no row may hold a worker for more than some seconds, or
 * take more memory than PASSWORD_MEMORY_KIB. */
#ifndef POSTERN_PASSWORD_SCHEME_H
#define POSTERN_PASSWORD_SCHEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PASSWORD_MEMORY_KIB = 256 * 1024 };

enum password_match {
	PASSWORD_UNUSABLE,    /* nothing was computed: damaged, of another scheme, beyond the bounds */
	PASSWORD_WRONG,
	PASSWORD_RIGHT
};

/* The hash has the form of one of these schemes, and its cost is within the bounds. */
bool password_crypt_accepts(const char *hash);
bool password_pbkdf2_accepts(const char *hash);
bool password_argon2_accepts(const char *hash);

/* Computes one hash of the password with the salt and cost of that hash. */
enum password_match password_crypt_match(const char *hash, const char *password);
enum password_match password_pbkdf2_match(const char *hash, const char *password);
enum password_match password_argon2_match(const char *hash, const char *password);

/* A new hash of crypt(3)'s yescrypt into out; false where it could not be made. */
bool password_crypt_new(char *out, size_t size, const char *password);
/* The hash has the scheme and the cost of a new one. */
bool password_crypt_is_new(const char *hash);

/* What stands behind a prefix, or NULL where the text begins otherwise. */
const char *password_after(const char *text, const char *prefix);

/* Reads a decimal number from 1 to max that ends with that character, and returns what stands behind it; NULL where there is
 * none. */
const char *password_number(const char *text, char end, int64_t max, int64_t *ret);

#endif
