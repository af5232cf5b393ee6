/* SPDX-License-Identifier: ISC */
/* A growing text and the two escapes that keep it harmless in a URL and in HTML. */
#include "config.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/log.h"

void
buf_init(struct buf *b, struct arena *arena, size_t size)
{
	b->arena = arena;
	b->size = size > 0 ? size : 1;
	b->data = arena_alloc(arena, b->size);
	b->len = 0;
}

/* Makes room for so many bytes and the NUL. */
static void
reserve(struct buf *b, size_t more)
{
	size_t size;
	char *data;

	if (more < b->size - b->len)
		return;
	size = more > SIZE_MAX / 2 - b->size ? SIZE_MAX / 2 : 2 * b->size + more;
	data = arena_alloc(b->arena, size);
	memcpy(data, b->data, b->len);
	b->data = data;
	b->size = size;
}

void
buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (len == 0)
		return;
	reserve(b, len);
	memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_char_more(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(b->data + b->len, b->size - b->len, fmt, ap);
	va_end(ap);
	if (n < 0)
		log_fatal(EX_SOFTWARE, "format", "format", fmt, NULL);
	if ((size_t)n >= b->size - b->len) {
		reserve(b, (size_t)n);
		va_start(ap, fmt);
		vsnprintf(b->data + b->len, b->size - b->len, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

void
buf_percent(struct buf *b, const char *s)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	static const char digits[] = "0123456789ABCDEF";
	unsigned char c;
	size_t n;

	for (;;) {
		n = strspn(s, unreserved);
		buf_add(b, s, n);
		s += n;
		if ((c = (unsigned char)*s++) == '\0')
			return;
		buf_add(b, (const char[]) { '%', digits[c >> 4], digits[c & 15] }, 3);
	}
}

static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return "&#39;";
	}
}

void
buf_html(struct buf *b, const char *s)
{
	size_t n;

	for (;;) {
		n = strcspn(s, "&<>\"'");
		buf_add(b, s, n);
		s += n;
		if (*s == '\0')
			return;
		buf_str(b, entity(*s++));
	}
}
