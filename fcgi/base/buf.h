/* SPDX-License-Identifier: ISC */
/* A text that grows, in an arena.  Always NUL-terminated. */
#ifndef POSTERN_BUF_H
#define POSTERN_BUF_H

#include <stddef.h>

struct arena;

struct buf {
	struct arena *arena;
	char *data;    /* never NULL after buf_init */
	size_t len;    /* bytes, without the NUL */
	size_t size;   /* bytes reserved */
};

void buf_init(struct buf *, struct arena *, size_t size);
void buf_add(struct buf *, const void *, size_t len);
void buf_str(struct buf *, const char *);
void buf_char_more(struct buf *, char);    /* where there is no room */
static inline void
buf_char(struct buf *b, char c)
{
	if (b->size - b->len > 1) {
		b->data[b->len++] = c;
		b->data[b->len] = '\0';
	} else {
		buf_char_more(b, c);
	}
}
void buf_printf(struct buf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds a text percent-encoded: all but the unreserved characters of RFC 3986 2.3. */
void buf_percent(struct buf *, const char *);
/* Adds a text with the five characters escaped that HTML's text and quoted attributes know. */
void buf_html(struct buf *, const char *);

#endif
