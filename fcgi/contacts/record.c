/* SPDX-License-Identifier: ISC */
/* A row of contacts as it is shown: a JSON object or a vCard. */
#include "config.h"

#include "contacts/record.h"

#include "base/json.h"
#include "contacts/vcard.h"
#include "db/db.h"
#include "http/request.h"
#include "server/settings.h"

void
record_open(struct record *record, struct request *rq, const struct rows *rows, unsigned int fields, bool gone)
{
	unsigned int i;

	record->rows = rows;
	record->fields = fields;
	for (i = 0; i < FIELDS; i++)
		record->columns[i] = rows_column(rows, fields_names[i]);
	record->gone = gone ? rows_column(rows, "gone") : -1;
	record->numeric = rows_numeric(rows, "id");
	buf_init(&record->uid, rq->arena, 256);
	buf_str(&record->uid, rq->settings->contacts_url);
	buf_char(&record->uid, '/');
	record->url_len = record->uid.len;
}

static const char *
value(const struct record *record, size_t row, enum field field)
{
	return rows_at(record->rows, row, record->columns[field]);
}

bool
record_gone(const struct record *record, size_t row)
{
	const char *text = record->gone < 0 ? NULL : rows_at(record->rows, row, record->gone);

	return text != NULL && *text == 't';
}

void
record_json(const struct record *record, struct json *json, size_t row)
{
	unsigned int i;

	json_object(json);
	json_key(json, "id");
	if (record->numeric)
		json_raw(json, value(record, row, FIELD_ID));
	else
		json_string(json, value(record, row, FIELD_ID));
	if (record_gone(record, row)) {
		json_key(json, "deleted");
		json_raw(json, "true");
	} else {
		for (i = FIELD_ID + 1; i < FIELDS; i++) {
			if ((record->fields & 1U << i) != 0)
				json_member(json, fields_names[i], value(record, row, (enum field)i));
		}
	}
	json_object_end(json);
}

/* The name to show is the best that there is, whatever was asked for: a card without one is none. */
void
record_vcard(struct record *record, struct buf *buf, size_t row)
{
	static const enum field best[] = { FIELD_NAME, FIELD_USERNAME, FIELD_EMAIL };
	const char *shown[FIELDS], *text;
	struct vcard card;
	unsigned int i;

	for (i = 0; i < FIELDS; i++)
		shown[i] = (record->fields & 1U << i) != 0 ? value(record, row, (enum field)i) : NULL;
	record->uid.len = record->url_len;
	buf_percent(&record->uid, shown[FIELD_ID]);
	card.uid = record->uid.data;
	card.nickname = shown[FIELD_USERNAME];
	card.email = shown[FIELD_EMAIL];
	card.phone = shown[FIELD_PHONE];
	card.updated_at = shown[FIELD_UPDATED_AT];
	card.shown = shown[FIELD_ID];
	for (i = 0; i < sizeof(best) / sizeof(best[0]); i++) {
		text = value(record, row, best[i]);
		if (text != NULL && *text != '\0') {
			card.shown = text;
			break;
		}
	}
	vcard_write(buf, &card);
}
