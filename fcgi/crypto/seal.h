/* SPDX-License-Identifier: ISC */
/* Sealing a few bytes with a key (AES-256-GCM): nobody without the key reads or changes them. */
#ifndef POSTERN_SEAL_H
#define POSTERN_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/keyring.h"

/* A sealed text is longer than the plain one by a nonce and a tag. */
enum { SEAL_NONCE = 12, SEAL_TAG = 16, SEAL_OVERHEAD = SEAL_NONCE + SEAL_TAG };

/* Writes n + SEAL_OVERHEAD bytes. */
void seal_close(unsigned char *out, const unsigned char key[KEY_SIZE], const unsigned char *plain, size_t n);

/* Opens n + SEAL_OVERHEAD bytes into n; false (and out zeroed) for what this key did not seal. */
bool seal_open(unsigned char *out, const unsigned char key[KEY_SIZE], const unsigned char *sealed, size_t n);

#endif
