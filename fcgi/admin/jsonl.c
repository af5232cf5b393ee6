/* SPDX-License-Identifier: ISC */
/* JSON lines: an object on each line, whose members are the columns.  A blank line is none. */
#include "config.h"

#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include "admin/reader.h"
#include "base/text.h"

enum { DEPTH = 3 };

/* The four hexadecimal digits of \uXXXX, whose u this is; -1 where they are none. */
static int
escaped(const char *u)
{
	int n = 0, i;
	const char *digit;
	static const char digits[] = "0123456789abcdef";

	for (i = 1; i <= 4; i++) {
		if (u[i] == '\0' || (digit = strchr(digits, u[i] | (u[i] > '9' ? 0x20 : 0))) == NULL)
			return -1;
		n = n * 16 + (int)(digit - digits);
	}
	return n;
}

/* What json-c does not tell of a text that it takes: single quotes, a lone surrogate, which it makes U+FFFD of, and how many
 * members were written, of which it keeps the last of one name.  NULL, or what is wrong. */
static const char *
scan(const char *text, int *ret_members)
{
	bool string = false;
	const char *p;
	int c, depth = 0, members = 0;

	for (p = text; *p != '\0'; p++) {
		if (*p == '"')
			string = !string;
		else if (!string) {
			if (*p == '\'')
				return "no JSON: a single quote";
			depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
			members += *p == ':' && depth == 1;
		} else if (*p == '\\' && *++p == 'u' && (c = escaped(p)) >= 0xd800 && c <= 0xdfff) {
			if (c >= 0xdc00 || p[5] != '\\' || p[6] != 'u' || (c = escaped(p + 6)) < 0xdc00 || c > 0xdfff)
				return "a lone surrogate";
			p += 10;
		}
	}
	*ret_members = members;
	return NULL;
}

/* A whole number.  One too small json-c makes the least that it knows, and one too great what no id's type takes. */
static bool
whole(const struct reader *r, struct json_object *value)
{
	return json_object_is_type(value, json_type_int) &&
	    (json_object_get_int64(value) != INT64_MIN || strstr(r->text, "-9223372036854775808") != NULL);
}

/* Ids may be numbers; active is true or false; everything is a text or null. */
static void
put_member(const struct reader *r, struct record *record, enum column c, struct json_object *value)
{
	bool id = c == COLUMN_ID || c == COLUMN_OWNER_ID;
	const char *text;

	if (value == NULL)
		record_put(record, c, "", 0);
	else if (json_object_is_type(value, json_type_string))
		record_put(record, c, json_object_get_string(value), (size_t)json_object_get_string_len(value));
	else if ((id && whole(r, value)) || (c == COLUMN_ACTIVE && json_object_is_type(value, json_type_boolean))) {
		text = json_object_get_string(value);
		record_put(record, c, text, strlen(text));
	} else if (id)
		record_bad(record, "%s is neither a text nor a whole number", record_column_name(c));
	else
		record_bad(record, "%s is not %s", record_column_name(c), c == COLUMN_ACTIVE ? "true or false" : "a text");
}

static void
put_members(struct reader *r, struct record *record)
{
	enum column c;

	json_object_object_foreach(r->object, key, value)
	{
		if ((c = record_column(r->shape, key, strlen(key))) == COLUMNS)
			record_bad(record, "there is no member \"%.40s\" of %s", text_printable(key) ? key : "?", r->shape->what);
		else if (record->given & 1U << c)
			record_bad(record, "the member %s is there twice", record_column_name(c));
		else
			put_member(r, record, c, value);
	}
}

/* The line's object into r->object, or why there is none. */
static void
parse(struct reader *r, struct record *record)
{
	const char *wrong;
	int members;

	json_object_put(r->object);
	r->object = NULL;
	if (r->tokener == NULL) {
		r->tokener = json_tokener_new_ex(DEPTH);
		json_tokener_set_flags(r->tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	}
	json_tokener_reset(r->tokener);
	/* The NUL at the end tells it that a number is whole. */
	r->object = json_tokener_parse_ex(r->tokener, r->text, (int)r->len + 1);
	if (json_tokener_get_error(r->tokener) == json_tokener_error_depth)
		record_bad(record, "JSON that is too deep");
	else if (json_tokener_get_error(r->tokener) != json_tokener_success)
		record_bad(record, "no JSON: %s", json_tokener_error_desc(json_tokener_get_error(r->tokener)));
	else if (!json_object_is_type(r->object, json_type_object))
		record_bad(record, "no JSON object");
	else if ((wrong = scan(r->text, &members)) != NULL)
		record_bad(record, "%s", wrong);
	else if (members != json_object_object_length(r->object))
		record_bad(record, "a member is there twice");
	else
		put_members(r, record);
}

enum found
jsonl_read(struct reader *r, struct record *record)
{
	do {
		record_begin(record, r->in.line);
		if (!input_line(&r->in, r->text, sizeof(r->text), &r->len))
			return FOUND_END;
	} while (text_only(r->text, " \t") && r->len < sizeof(r->text) && strlen(r->text) == r->len);
	if (r->len >= sizeof(r->text))
		record_bad(record, "a line of more than %zu bytes", sizeof(r->text) - 1);
	else if (memchr(r->text, '\0', r->len) != NULL)
		record_bad(record, "there is a NUL in the line");
	else
		parse(r, record);
	return record->why[0] != '\0' ? FOUND_BAD : record_judge(r->shape, record);
}
