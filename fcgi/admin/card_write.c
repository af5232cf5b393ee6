/* SPDX-License-Identifier: ISC */
/* A contact as a vCard 4.0 (RFC 6350), so that reading it gives the same contact. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "admin/writer.h"
#include "base/buf.h"
#include "base/text.h"

/* RFC 6350 3.2: a longer line is folded, between two characters. */
enum { LINE_BYTES = 75 };

/* Adds what must stay together to the line that began at *start. */
static void
put(struct buf *out, size_t *start, const char *bytes, size_t n)
{
	if (out->len - *start + n > LINE_BYTES) {
		buf_str(out, "\r\n ");
		*start = out->len - 1;
	}
	buf_add(out, bytes, n);
}

/* RFC 6350 3.4.  Of the control characters a card can tell a line feed and a tab. */
static void
property(struct buf *out, const char *name, const char *text)
{
	size_t start = out->len, n;

	if (text == NULL)
		return;
	buf_str(out, name);
	for (; *text != '\0'; text += n) {
		n = text_utf8_char(text, strlen(text));
		if (n == 0)
			n = 1;
		else if (*text == '\\' || *text == ',' || *text == ';')
			put(out, &start, (const char[]){ '\\', *text }, 2);
		else if (*text == '\n')
			put(out, &start, "\\n", 2);
		else if (n > 1 || *text == '\t' || (*text >= ' ' && *text != 0x7f))
			put(out, &start, text, n);
	}
	buf_str(out, "\r\n");
}

/* A card must have an FN; one that stands for a name that isn't there says so. */
void
card_write(struct buf *out, const struct shape *shape, const struct record *r)
{
	static const enum column instead[] = { COLUMN_USERNAME, COLUMN_EMAIL, COLUMN_PHONE, COLUMN_ID };
	size_t i = 0;

	buf_str(out, "BEGIN:VCARD\r\nVERSION:4.0\r\n");
	property(out, shape->id_type == ID_UUID ? "UID:urn:uuid:" : "UID;VALUE=text:", r->value[COLUMN_ID]);
	while (r->value[instead[i]] == NULL)
		i++;
	if (r->value[COLUMN_NAME] != NULL)
		property(out, "FN:", r->value[COLUMN_NAME]);
	else
		property(out, "FN;X-POSTERN=no-name:", r->value[instead[i]]);
	property(out, "NICKNAME:", r->value[COLUMN_USERNAME]);
	property(out, "EMAIL:", r->value[COLUMN_EMAIL]);
	property(out, "TEL:", r->value[COLUMN_PHONE]);
	buf_str(out, "END:VCARD\r\n");
}
