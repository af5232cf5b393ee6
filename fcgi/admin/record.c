/* SPDX-License-Identifier: ISC */
/* A person or a contact as a line of a file tells it, and what is allowed in it. */
#include "config.h"

#include "admin/record.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "crypto/password.h"

static const struct {
	const char *name;
	size_t max; /* bytes */
	bool lines; /* a contact's may have line feeds and tabs */
} columns[COLUMNS] = {
	[COLUMN_OWNER_ID] = { "owner_id", 255, false },
	[COLUMN_OWNER] = { "owner", 255, false },
	[COLUMN_ID] = { "id", 255, false },
	[COLUMN_USERNAME] = { "username", 255, false },
	[COLUMN_PASSWORD_HASH] = { "password_hash", PASSWORD_HASH_SIZE - 1, false },
	[COLUMN_NAME] = { "name", 1000, true },
	[COLUMN_EMAIL] = { "email", 1000, false },
	[COLUMN_PHONE] = { "phone", 255, false },
	[COLUMN_ACTIVE] = { "active", 8, false },
};

const char *
record_column_name(enum column c)
{
	return columns[c].name;
}

enum column
record_column(const struct shape *shape, const char *name, size_t len)
{
	unsigned c;

	for (c = 0; c < COLUMNS; c++) {
		if ((shape->columns & 1U << c) && strlen(columns[c].name) == len && strncasecmp(columns[c].name, name, len) == 0)
			break;
	}
	return (enum column)c;
}

void
record_begin(struct record *r, int64_t line)
{
	memset(r, 0, sizeof(*r));
	r->line = line;
}

void
record_bad(struct record *r, const char *fmt, ...)
{
	va_list ap;

	if (r->why[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
}

/* A control character could steer the terminal of whoever lists it; the two that texts are laid out by, a long one may have. */
static bool
readable(const char *text, bool lines)
{
	size_t n;

	for (; *text != '\0'; text += n) {
		n = lines ? strspn(text, "\n\t") : 0;
		if (n > 0)
			continue;
		n = text_utf8_char(text, strlen(text) < 4 ? strlen(text) : 4);
		if ((n == 1 && (*text < ' ' || *text == 0x7f)) || (n == 2 && memcmp(text, "\302\240", 2) < 0))
			return false;
	}
	return true;
}

void
record_put(struct record *r, enum column c, const char *text, size_t len)
{
	const char *name = columns[c].name;

	r->given |= 1U << c;
	if (len > columns[c].max)
		record_bad(r, "%s is longer than %zu bytes", name, columns[c].max);
	else if (memchr(text, '\0', len) != NULL)
		record_bad(r, "there is a NUL in %s", name);
	else if (!text_utf8(text, len))
		record_bad(r, "%s is not UTF-8", name);
	else if (!readable(text, columns[c].lines))
		record_bad(r, "there is a control character in %s", name);
	else
		r->value[c] = len == 0 ? NULL : text;
}

/* Digits as PostgreSQL spells them, so that an id has one spelling. */
static bool
is_number(const char *text, const char *max, const char *min)
{
	bool minus = *text == '-';
	const char *digits = text + minus, *most = minus ? min : max;
	size_t len = strlen(digits);

	if (len == 0 || !text_only(digits, "0123456789") || (*digits == '0' && (len > 1 || minus)))
		return false;
	return len < strlen(most) || (len == strlen(most) && strcmp(digits, most) <= 0);
}

static bool
is_uuid(const char *text)
{
	size_t i;

	for (i = 0; i < 36; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return false;
		} else if (text[i] == '\0' || strchr("0123456789abcdefABCDEF", text[i]) == NULL)
			return false;
	}
	return text[36] == '\0';
}

bool
record_is_id(enum id_type type, const char *text)
{
	switch (type) {
	case ID_INTEGER:
		return is_number(text, "2147483647", "2147483648");
	case ID_BIGINT:
		return is_number(text, "9223372036854775807", "9223372036854775808");
	case ID_UUID:
		return is_uuid(text);
	case ID_TEXT:
		break;
	}
	return true;
}

static void
judge_id(struct record *r, enum column c, enum id_type type)
{
	static const char *const names[] = { "an integer", "a bigint", "a uuid", "a text" };

	if (r->value[c] != NULL && !record_is_id(type, r->value[c]))
		record_bad(r, "%s is not %s", columns[c].name, names[type]);
}

/* As PostgreSQL and spreadsheets spell it; in the end PostgreSQL's way. */
static void
judge_active(struct record *r)
{
	static const char *const spelled[][2] = { { "t", "f" }, { "true", "false" }, { "1", "0" }, { "yes", "no" } };
	const char *text = r->value[COLUMN_ACTIVE];
	size_t i;

	for (i = 0; text != NULL && i < sizeof(spelled) / sizeof(spelled[0]); i++) {
		if (strcasecmp(text, spelled[i][0]) == 0 || strcasecmp(text, spelled[i][1]) == 0) {
			r->value[COLUMN_ACTIVE] = spelled[0][strcasecmp(text, spelled[i][1]) == 0];
			return;
		}
	}
	if (text != NULL)
		record_bad(r, "active is neither true nor false");
}

/* A password can never be told from a hash of a scheme that is unknown: both are refused, and neither is shown. */
static void
judge_person(struct record *r)
{
	const char *hash = r->value[COLUMN_PASSWORD_HASH];

	if (r->value[COLUMN_ID] == NULL && r->value[COLUMN_USERNAME] == NULL)
		record_bad(r, "neither id nor username is there");
	else if ((r->given & 1U << COLUMN_USERNAME) && r->value[COLUMN_USERNAME] == NULL)
		record_bad(r, "username is empty");
	if (hash != NULL && !password_accepted(hash))
		record_bad(r, "password_hash is no hash of a scheme that Postern verifies (a password itself is never taken)");
	if (r->value[COLUMN_ID] != NULL && strncmp(r->value[COLUMN_ID], "client:", 7) == 0)
		record_bad(r, "an id that begins with client: is never a person's");
	judge_active(r);
	/* Nothing in the cell says nothing about these two. */
	if (hash == NULL)
		r->given &= ~(1U << COLUMN_PASSWORD_HASH);
	if (r->value[COLUMN_ACTIVE] == NULL)
		r->given &= ~(1U << COLUMN_ACTIVE);
}

static void
judge_contact(const struct shape *shape, struct record *r)
{
	if (r->value[COLUMN_ID] == NULL)
		record_bad(r, "id is missing");
	if (shape->owner_given && (r->given & (1U << COLUMN_OWNER | 1U << COLUMN_OWNER_ID)))
		record_bad(r, "it names an owner, and so does --owner");
	else if (!shape->owner_given && r->value[COLUMN_OWNER_ID] == NULL && r->value[COLUMN_OWNER] == NULL)
		record_bad(r, "neither owner_id nor owner is there");
	else if (r->value[COLUMN_OWNER_ID] != NULL && r->value[COLUMN_OWNER] != NULL)
		record_bad(r, "both owner_id and owner are there");
	judge_id(r, COLUMN_OWNER_ID, shape->owner_type);
}

enum found
record_judge(const struct shape *shape, struct record *r)
{
	if (shape->contacts)
		judge_contact(shape, r);
	else
		judge_person(r);
	judge_id(r, COLUMN_ID, shape->id_type);
	return r->why[0] == '\0' ? FOUND_RECORD : FOUND_BAD;
}
