/* SPDX-License-Identifier: ISC */
/* JSON as a stream of bytes; the one thing remembered is whether a comma is due. */
#include "config.h"

#include "base/json.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

void
json_begin(struct json *j, struct buf *buf)
{
	j->buf = buf;
	j->comma = false;
}

/* What comes now is an element or a member; after it a comma is due. */
static void
next(struct json *j)
{
	if (j->comma)
		buf_char(j->buf, ',');
	j->comma = true;
}

void
json_object(struct json *j)
{
	next(j);
	buf_char(j->buf, '{');
	j->comma = false;
}

void
json_object_end(struct json *j)
{
	buf_char(j->buf, '}');
	j->comma = true;
}

void
json_array(struct json *j)
{
	next(j);
	buf_char(j->buf, '[');
	j->comma = false;
}

void
json_array_end(struct json *j)
{
	buf_char(j->buf, ']');
	j->comma = true;
}

/* RFC 8259 7: unescaped = %x20-21 / %x23-5B / %x5D-10FFFF; here those of one byte. */
static inline bool
plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* The bytes at the start that may stand as they are. */
static size_t
unescaped(const char *s, size_t len)
{
	size_t n, done = 0;

	for (;;) {
		while (done < len && plain((unsigned char)s[done]))
			done++;
		if (done == len || (unsigned char)s[done] < 0x80 || (n = text_utf8_char(s + done, len - done)) == 0)
			return done;
		done += n;
	}
}

static void
escape(struct buf *b, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *p;

	if ((p = strchr(from, c)) != NULL)
		buf_add(b, (const char[]) { '\\', to[p - from] }, 2);
	else if (c >= 0x80)
		buf_str(b, "\\ufffd");    /* no UTF-8: JSON has no way to say that byte */
	else
		buf_printf(b, "\\u%04x", c);
}

static void
quote(struct buf *b, const char *s)
{
	size_t n, len = strlen(s);

	buf_char(b, '"');
	for (;;) {
		n = unescaped(s, len);
		buf_add(b, s, n);
		s += n;
		len -= n;
		if (len == 0)
			break;
		escape(b, (unsigned char)*s++);
		len--;
	}
	buf_char(b, '"');
}

void
json_key(struct json *j, const char *key)
{
	next(j);
	quote(j->buf, key);
	buf_char(j->buf, ':');
	j->comma = false;
}

void
json_string(struct json *j, const char *s)
{
	next(j);
	quote(j->buf, s);
}

void
json_number(struct json *j, int64_t n)
{
	next(j);
	buf_printf(j->buf, "%" PRId64, n);
}

void
json_raw(struct json *j, const char *value)
{
	next(j);
	buf_str(j->buf, value);
}

void
json_member(struct json *j, const char *key, const char *value)
{
	if (value == NULL)
		return;
	json_key(j, key);
	json_string(j, value);
}

void
json_words(struct json *j, const char *key, const char *words)
{
	size_t n;

	if (words == NULL || *words == '\0')
		return;
	json_key(j, key);
	json_array(j);
	for (; *words != '\0'; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		json_string(j, arena_strndup(j->buf->arena, words, n));
	}
	json_array_end(j);
}
