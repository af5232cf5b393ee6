/* SPDX-License-Identifier: ISC */
/* A line of a vCard (RFC 6350 3).
 *
 *   contentline = name ":" value CRLF
 *
 * A line of more than 75 bytes is folded (3.2): cut between two characters and continued on a line that begins with a space. */
#include "config.h"

#include "base/contentline.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum { LINE_BYTES = 75 };

/* Adds a character, or what must stay together, to the line that began at *start, and folds before it where that is full. */
static void
put(struct buf *buf, size_t *start, const char *bytes, size_t n)
{
	if (buf->len - *start + n > LINE_BYTES) {
		buf_add(buf, "\r\n ", 3);
		*start = buf->len - 1;
	}
	buf_add(buf, bytes, n);
}

/* One character of a text value (3.4): of the control characters a line feed and a tab alone can be told.  Returns its bytes. */
static size_t
put_character(struct buf *buf, size_t *start, const char *s, size_t len)
{
	size_t n = text_utf8_char(s, len);

	if (n == 0)
		put(buf, start, "\357\277\275", 3);    /* U+FFFD: that byte is no UTF-8 */
	else if (*s == '\\' || *s == ',' || *s == ';')
		put(buf, start, (const char[]) { '\\', *s }, 2);
	else if (*s == '\n')
		put(buf, start, "\\n", 2);
	else if (n > 1 || *s == '\t' || ((unsigned char)*s >= ' ' && *s != 0x7f))
		put(buf, start, s, n);
	return n == 0 ? 1 : n;
}

void
contentline(struct buf *buf, const char *name, const char *text)
{
	size_t start = buf->len, len, n;

	if (text == NULL)
		return;
	buf_str(buf, name);
	for (len = strlen(text); len > 0; text += n, len -= n)
		n = put_character(buf, &start, text, len);
	buf_add(buf, "\r\n", 2);
}
