/* SPDX-License-Identifier: ISC */
/* A contact as a vCard 4.0 (RFC 6350). */
#include "config.h"

#include "contacts/vcard.h"

#include <stddef.h>

#include "base/buf.h"
#include "base/contentline.h"

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
	contentline(buf, "UID:", card->uid);
	contentline(buf, "FN:", card->shown);
	contentline(buf, "NICKNAME:", card->nickname);
	contentline(buf, "EMAIL:", card->email);
	contentline(buf, "TEL:", card->phone);
	put_rev(buf, card->updated_at);
	buf_str(buf, "END:VCARD\r\n");
}
