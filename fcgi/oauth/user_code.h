/* SPDX-License-Identifier: ISC */
/* User codes (RFC 8628 6.1): what a person reads on a device and types elsewhere, as WDJB-MJHT.
 *
 * Eight of twenty letters: no vowels, so that no word comes about, and none that is taken for another.  That is 34.5 bits, too few
 * for a bare digest, so the database has an HMAC by the device keyring, which postern-token (it makes the codes) and
 * postern-authorize (it looks them up) share. */
#ifndef POSTERN_USER_CODE_H
#define POSTERN_USER_CODE_H

struct arena;
struct keyring;

/* A new one, eight letters. */
const char *user_code_new(struct arena *);

/* The eight letters of what was typed: in any case, and whatever is no ASCII letter or digit is passed over.  NULL: no user code. */
const char *user_code_read(struct arena *, const char *typed);

/* Eight letters as people read them: XXXX-XXXX. */
const char *user_code_spell(struct arena *, const char *code);

/* Eight letters' HMAC by the active key, as PostgreSQL reads a bytea. */
const char *user_code_mac(struct arena *, const struct keyring *, const char *code);

/* Those by all keys, the active one's first, as it reads a bytea[]: a code may be older than the active key, or another host's. */
const char *user_code_macs(struct arena *, const struct keyring *, const char *code);

#endif
