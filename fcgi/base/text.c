/* SPDX-License-Identifier: ISC */
/* Checks of texts, and the spellings of binary data. */
#include "config.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"

/* RFC 3629 4:
 *
 *   UTF8-1 = %x00-7F                       (here without NUL)
 *   UTF8-2 = %xC2-DF UTF8-tail
 *   UTF8-3 = %xE0 %xA0-BF UTF8-tail / %xE1-EC 2( UTF8-tail ) / %xED %x80-9F UTF8-tail / %xEE-EF 2( UTF8-tail )
 *   UTF8-4 = %xF0 %x90-BF 2( UTF8-tail ) / %xF1-F3 3( UTF8-tail ) / %xF4 %x80-8F 2( UTF8-tail )
 *   UTF8-tail = %x80-BF */
static const struct {
	unsigned char first, last;                  /* of the first byte */
	unsigned char second_first, second_last;    /* of the second; the others are UTF8-tail */
	unsigned char len;
} shapes[] = {
	{ 0x01, 0x7f, 0, 0, 1 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t
text_utf8_char(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t i, tail;

	for (i = 0; len > 0 && i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (s[0] < shapes[i].first || s[0] > shapes[i].last)
			continue;
		if (shapes[i].len > len)
			return 0;
		if (shapes[i].len > 1 && (s[1] < shapes[i].second_first || s[1] > shapes[i].second_last))
			return 0;
		for (tail = 2; tail < shapes[i].len; tail++)
			if (s[tail] < 0x80 || s[tail] > 0xbf)
				return 0;
		return shapes[i].len;
	}
	return 0;
}

bool
text_utf8(const char *text, size_t len)
{
	size_t n;

	for (; len > 0; text += n, len -= n)
		if ((n = text_utf8_char(text, len)) == 0)
			return false;
	return true;
}

bool
text_printable(const char *text)
{
	size_t left = strlen(text), n;

	for (; left > 0; text += n, left -= n) {
		n = text_utf8_char(text, left);
		if (n == 0 || (n == 1 && (*text < ' ' || *text == 0x7f)) || (n == 2 && memcmp(text, "\302\240", 2) < 0))
			return false;
	}
	return true;
}

bool
text_only(const char *text, const char *set)
{
	return text[strspn(text, set)] == '\0';
}

bool
text_number(const char *text, int64_t min, int64_t max, int64_t *ret)
{
	int64_t n = 0;
	const char *s;

	if (*text == '\0')
		return false;
	for (s = text; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (n > (INT64_MAX - (*s - '0')) / 10)
			return false;
		n = n * 10 + (*s - '0');
	}
	if (n < min || n > max)
		return false;
	*ret = n;
	return true;
}

const char *
text_decimal(struct arena *arena, int64_t n)
{
	return arena_printf(arena, "%" PRId64, n);
}

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The six bits that a character stands for, or -1. */
static int
sextet(const char *alphabet, char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == alphabet[62])
		return 62;
	return c == alphabet[63] ? 63 : -1;
}

/* All is checked before the first byte is written, so that nothing half-decoded is left to be taken for good. */
static bool
decode(const char *alphabet, unsigned char *dst, size_t n, const char *src, size_t len)
{
	unsigned int bits = 0, have = 0;
	size_t i;

	if (len != text_base64url_len(n))
		return false;
	for (i = 0; i < len; i++)
		if (sextet(alphabet, src[i]) < 0)
			return false;
	/* Of the last character 2 bits are unused where n % 3 is 2, 4 where it is 1. */
	if (n % 3 != 0 && ((unsigned int)sextet(alphabet, src[len - 1]) & (n % 3 == 1 ? 15 : 3)) != 0)
		return false;
	for (i = 0; i < len; i++) {
		bits = (bits << 6 | (unsigned int)sextet(alphabet, src[i])) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			*dst++ = (unsigned char)(bits >> have & 0xff);
		}
	}
	return true;
}

size_t
text_base64url_len(size_t n)
{
	return n / 3 * 4 + (n % 3 == 0 ? 0 : n % 3 + 1);
}

void
text_base64url(char *dst, const unsigned char *src, size_t n)
{
	unsigned int bits = 0, have = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		bits = (bits << 8 | src[i]) & 0xffff;
		for (have += 8; have >= 6;) {
			have -= 6;
			*dst++ = url[bits >> have & 63];
		}
	}
	if (have > 0)
		*dst++ = url[bits << (6 - have) & 63];
	*dst = '\0';
}

bool
text_unbase64url(unsigned char *dst, size_t n, const char *src, size_t len)
{
	return decode(url, dst, n, src, len);
}

long
text_unbase64(unsigned char *dst, size_t size, const char *src)
{
	size_t n, len = strcspn(src, "="), padding = strlen(src + len);

	/* Padding, where there is any, fills up the last four characters with "=" or "==". */
	if (padding > 2 || (padding > 0 && (len + padding) % 4 != 0) || !text_only(src + len, "="))
		return -1;
	n = len / 4 * 3 + len % 4 * 6 / 8;
	if (len % 4 == 1 || n > size || !decode(standard, dst, n, src, len))
		return -1;
	return (long)n;
}

char *
text_bytea(struct arena *arena, const unsigned char *src, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *text, *p;
	size_t i;

	if (src == NULL)
		return NULL;
	text = arena_array(arena, n + 2, 2);
	p = text;
	*p++ = '\\';
	*p++ = 'x';
	for (i = 0; i < n; i++) {
		*p++ = digits[src[i] >> 4];
		*p++ = digits[src[i] & 15];
	}
	return text;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
text_unbytea(unsigned char *dst, size_t n, const char *src)
{
	size_t i;
	int high, low;

	if (strlen(src) != 2 + 2 * n || strncmp(src, "\\x", 2) != 0)
		return false;
	for (i = 0; i < n; i++) {
		high = hex_digit(src[2 + 2 * i]);
		low = hex_digit(src[3 + 2 * i]);
		if (high < 0 || low < 0)
			return false;
		dst[i] = (unsigned char)(high * 16 + low);
	}
	return true;
}
