/* SPDX-License-Identifier: ISC */
/* What bytes may stand in a text, and the two spellings of binary data: hexadecimal and base64url. */
#ifndef POSTERN_TEXT_H
#define POSTERN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Well-formed UTF-8 (RFC 3629: shortest form, no surrogates, up to U+10FFFF) without NUL. */
bool text_utf8(const char *, size_t len);

/* The bytes of the first character, 1 to 4; 0 where none, a NUL or one that is not well-formed begins. */
size_t text_utf8_char(const char *, size_t len);

/* Well-formed UTF-8 without a control character (C0, DEL, C1), which could steer a terminal. */
bool text_printable(const char *);

/* Every character is in the set. */
bool text_only(const char *, const char *set);

/* A decimal number without sign or leading spaces, from min to max.  *ret is untouched on failure. */
bool text_number(const char *, int64_t min, int64_t max, int64_t *ret);

/* The number in decimal: what a statement's parameter or a header holds. */
const char *text_decimal(struct arena *, int64_t);

/* base64url without padding (RFC 4648 5).  The destination of an encoding holds text_base64url_len(n) + 1 bytes. */
size_t text_base64url_len(size_t n);
void text_base64url(char *dst, const unsigned char *src, size_t n);
/* Decodes exactly n bytes from a text of exactly text_base64url_len(n) characters; unused bits must be 0. */
bool text_unbase64url(unsigned char *dst, size_t n, const char *src, size_t len);

/* Decodes padded or unpadded standard base64 (RFC 4648 4), as in HTTP Basic.  Returns the length, or -1. */
long text_unbase64(unsigned char *dst, size_t size, const char *src);

/* PostgreSQL's text form of bytea, "\x..." (and NULL for NULL). */
char *text_bytea(struct arena *, const unsigned char *, size_t n);
/* Reads exactly n bytes of that form. */
bool text_unbytea(unsigned char *dst, size_t n, const char *src);

#endif
