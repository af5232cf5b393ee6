/* SPDX-License-Identifier: ISC */
/* A contact as a vCard 4.0 (RFC 6350).
 *
 *   contentline = name ":" value CRLF
 *
 * A line of more than 75 bytes is folded (3.2): cut between two characters and continued on a line that begins with a space. */
#include "config.h"

#include "contacts/vcard.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum { LINE_MAX_BYTES = 75 };

/* Where a line is being written. */
struct line {
	struct buf *buf;
	size_t len;    /* bytes on it so far */
};

/* Adds a character, or what must stay together, and folds before it where the line is full. */
static void
put(struct line *line, const char *bytes, size_t n)
{
	if (line->len + n > LINE_MAX_BYTES) {
		buf_add(line->buf, "\r\n ", 3);
		line->len = 1;
	}
	buf_add(line->buf, bytes, n);
	line->len += n;
}

/* Begins a line with what is surely shorter than it. */
static struct line
begin(struct buf *buf, const char *name)
{
	struct line line = { buf, strlen(name) };

	buf_str(buf, name);
	return line;
}

/* One character of a text value (3.4): of the control characters a line feed and a tab alone can be told.  Returns its bytes. */
static size_t
put_character(struct line *line, const char *s, size_t len)
{
	size_t n = text_utf8_char(s, len);

	if (n == 0)
		put(line, "\357\277\275", 3);    /* U+FFFD: that byte is no UTF-8 */
	else if (*s == '\\' || *s == ',' || *s == ';')
		put(line, (const char[]) { '\\', *s }, 2);
	else if (*s == '\n')
		put(line, "\\n", 2);
	else if (n > 1 || *s == '\t' || ((unsigned char)*s >= ' ' && *s != 0x7f))
		put(line, s, n);
	return n == 0 ? 1 : n;
}

static void
put_text(struct line *line, const char *s)
{
	size_t n, len;

	for (len = strlen(s); len > 0; s += n, len -= n)
		n = put_character(line, s, len);
}

static void
property(struct buf *buf, const char *name, const char *value)
{
	struct line line;

	if (value == NULL)
		return;
	line = begin(buf, name);
	put_text(&line, value);
	buf_add(buf, "\r\n", 2);
}

static void
put_uid(struct buf *buf, const char *uid)
{
	struct line line = begin(buf, "UID:");

	for (; *uid != '\0'; uid++)
		put(&line, uid, 1);
	buf_add(buf, "\r\n", 2);
}

/* timestamp = date "T" hour minute second zone (4.3.5), as in 19961022T140000Z: RFC 3339 without what separates, and without
 * parts of a second. */
static void
put_rev(struct buf *buf, const char *time)
{
	const char *p;

	if (time == NULL)
		return;
	buf_str(buf, "REV:");
	for (p = time; *p != '\0' && *p != '.' && *p != 'Z'; p++) {
		if (*p != '-' && *p != ':')
			buf_char(buf, *p);
	}
	buf_str(buf, "Z\r\n");
}

void
vcard_write(struct buf *buf, const struct vcard *card)
{
	buf_str(buf, "BEGIN:VCARD\r\nVERSION:4.0\r\n");
	put_uid(buf, card->uid);
	property(buf, "FN:", card->shown);
	property(buf, "NICKNAME:", card->nickname);
	property(buf, "EMAIL:", card->email);
	property(buf, "TEL:", card->phone);
	put_rev(buf, card->updated_at);
	buf_str(buf, "END:VCARD\r\n");
}
