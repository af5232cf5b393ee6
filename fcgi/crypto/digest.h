/* SPDX-License-Identifier: ISC */
/* SHA-256, HMAC and HKDF with it, and a comparison that takes the same time for any difference. */
#ifndef POSTERN_DIGEST_H
#define POSTERN_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_SIZE = 32 };

void digest_sha256(unsigned char out[DIGEST_SIZE], const void *, size_t);
void digest_hmac(unsigned char out[DIGEST_SIZE], const unsigned char key[DIGEST_SIZE], const void *, size_t);

/* n bytes made of a key for what info names, without salt (RFC 5869).  At most 255 * DIGEST_SIZE of them, info at most 64. */
void digest_hkdf(unsigned char *out, size_t n, const void *key, size_t key_len, const void *info, size_t info_len);

bool digest_equal(const unsigned char *, const unsigned char *, size_t);

#endif
