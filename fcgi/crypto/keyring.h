/* SPDX-License-Identifier: ISC */
/* A program's symmetric keys: a file of lines "ID CREATED KEY", the active one first.
 *
 * The first line is the active key: it signs and seals.  The others only verify and open what was made before, or, on another
 * host, is made already.  ID is 1 to 16 of [a-z0-9], CREATED a time as 2026-11-24T15:00:00Z, KEY 64 hexadecimal digits.  Blank
 * lines and lines that begin with # are passed over.  A key is never used itself: each purpose has its own, derived by HKDF (RFC
 * 5869). */
#ifndef POSTERN_KEYRING_H
#define POSTERN_KEYRING_H

#include <stdbool.h>
#include <stddef.h>

enum { KEY_SIZE = 32, KEY_ID_SIZE = 17, KEYRING_MAX = 16 };

struct key {
	char id[KEY_ID_SIZE];
	char created[32];
	unsigned char secret[KEY_SIZE];
};

struct keyring {
	struct key keys[KEYRING_MAX];
	size_t count;
};

/* Reads the file, which nobody but its owner may read.  On failure a sentence that says what to do is put into error (and false
 * returned), never a part of the file, and the ring is empty. */
bool keyring_read(struct keyring *, const char *path, char *error, size_t size);

/* The same for a program at its start: a failure ends the process (EX_CONFIG). */
void keyring_load(struct keyring *, const char *path);

/* The key of that id, or NULL. */
const struct key *keyring_find(const struct keyring *, const char *id);
const struct key *keyring_active(const struct keyring *);

/* The key for one purpose: HKDF-SHA-256 with the purpose as info. */
void key_derive(unsigned char out[KEY_SIZE], const struct key *, const char *purpose);

/* A tag over a message for one purpose, "ID.BASE64URL(HMAC)": made by the active key, verified by the one that it names. */
enum { TAG_SIZE = KEY_ID_SIZE + 1 + 43 };
void keyring_tag(char out[TAG_SIZE], const struct keyring *, const char *purpose, const char *message, size_t);
bool keyring_tagged(const char *tag, const struct keyring *, const char *purpose, const char *message, size_t);

#endif
