/* SPDX-License-Identifier: ISC */
/* A contact as a vCard 4.0 (RFC 6350), so that reading it gives the same contact. */
#include "config.h"

#include <stddef.h>

#include "admin/writer.h"
#include "base/buf.h"
#include "base/contentline.h"

/* A card must have an FN; one that stands for a name that isn't there says so. */
void
card_write(struct buf *out, const struct shape *shape, const struct record *r)
{
	static const enum column instead[] = { COLUMN_USERNAME, COLUMN_EMAIL, COLUMN_PHONE, COLUMN_ID };
	size_t i = 0;

	buf_str(out, "BEGIN:VCARD\r\nVERSION:4.0\r\n");
	contentline(out, shape->id_type == ID_UUID ? "UID:urn:uuid:" : "UID;VALUE=text:", r->value[COLUMN_ID]);
	while (r->value[instead[i]] == NULL)
		i++;
	if (r->value[COLUMN_NAME] != NULL)
		contentline(out, "FN:", r->value[COLUMN_NAME]);
	else
		contentline(out, "FN;X-POSTERN=no-name:", r->value[instead[i]]);
	contentline(out, "NICKNAME:", r->value[COLUMN_USERNAME]);
	contentline(out, "EMAIL:", r->value[COLUMN_EMAIL]);
	contentline(out, "TEL:", r->value[COLUMN_PHONE]);
	buf_str(out, "END:VCARD\r\n");
}
