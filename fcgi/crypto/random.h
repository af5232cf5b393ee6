/* SPDX-License-Identifier: ISC */
/* Random bytes that nobody can guess. */
#ifndef POSTERN_RANDOM_H
#define POSTERN_RANDOM_H

#include <stddef.h>

/* Fills the buffer from OpenSSL's generator; the process ends if that fails. */
void random_bytes(unsigned char *, size_t);

#endif
