/* SPDX-License-Identifier: ISC */
/* A person or a contact as a line of JSON; what has no value is null. */
#include "config.h"

#include <stddef.h>

#include "admin/writer.h"
#include "base/buf.h"
#include "base/json.h"

void
jsonl_write(struct buf *out, const struct shape *shape, const struct record *record)
{
	enum id_type type;
	struct json j;
	unsigned c;

	json_begin(&j, out);
	json_object(&j);
	for (c = 0; c < COLUMNS; c++) {
		if (!(record->given & 1U << c))
			continue;
		type = c == COLUMN_OWNER_ID ? shape->owner_type : c == COLUMN_ID ? shape->id_type : ID_TEXT;
		json_key(&j, record_column_name((enum column)c));
		if (record->value[c] == NULL)
			json_raw(&j, "null");
		else if (c == COLUMN_ACTIVE)
			json_raw(&j, *record->value[c] == 't' ? "true" : "false");
		else if (type == ID_INTEGER || type == ID_BIGINT)
			json_raw(&j, record->value[c]);
		else
			json_string(&j, record->value[c]);
	}
	json_object_end(&j);
	buf_char(out, '\n');
}
