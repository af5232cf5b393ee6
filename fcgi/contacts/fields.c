/* SPDX-License-Identifier: ISC */
/* The members of a contact, and the parameter fields, which chooses among them. */
#include "config.h"

#include "contacts/fields.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"

const char *const fields_names[FIELDS] = {
	[FIELD_ID] = "id",
	[FIELD_USERNAME] = "username",
	[FIELD_NAME] = "name",
	[FIELD_EMAIL] = "email",
	[FIELD_PHONE] = "phone",
	[FIELD_UPDATED_AT] = "updated_at",
};

/* The bit of a name, 0 for an unknown one. */
static unsigned int
bit_of(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < FIELDS; i++) {
		if (strncmp(fields_names[i], name, len) == 0 && fields_names[i][len] == '\0')
			return 1U << i;
	}
	return 0;
}

bool
fields_parse(const char *text, unsigned int *ret_set)
{
	unsigned int set = 0, bit;
	size_t n;

	for (;; text += n + 1) {
		n = strcspn(text, ",");
		bit = bit_of(text, n);
		if (bit == 0 || (set & bit) != 0)
			return false;
		set |= bit;
		if (text[n] == '\0')
			break;
	}
	*ret_set = set | 1U << FIELD_ID;
	return true;
}

const char *
fields_spell(struct arena *arena, unsigned int set)
{
	struct buf text;
	unsigned int i;

	buf_init(&text, arena, 64);
	for (i = 0; i < FIELDS; i++) {
		if ((set & 1U << i) == 0)
			continue;
		if (text.len > 0)
			buf_char(&text, ',');
		buf_str(&text, fields_names[i]);
	}
	return text.data;
}
