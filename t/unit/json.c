/* SPDX-License-Identifier: ISC */
/* base/json: commas, escapes, and nothing that is no UTF-8. */
#include "config.h"

#include "base/json.h"

#include "base/arena.h"
#include "base/buf.h"
#include "tap.h"

static const struct {
	const char *name, *text, *want;
} strings[] = {
	{ "empty", "", "\"\"" },
	{ "plain", "a b/c<>&'", "\"a b/c<>&'\"" },
	{ "quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\"" },
	{ "short escapes", "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
	{ "other control characters", "\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"" },
	{ "UTF-8", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\"" },
	{ "a byte that is no UTF-8", "a\xff" "b", "\"a\\ufffdb\"" },
	{ "an overlong quote", "\xc0\xa2", "\"\\ufffd\\ufffd\"" },
	{ "a surrogate", "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
	{ "a character cut at the end", "a\xe2\x82", "\"a\\ufffd\\ufffd\"" },
};

int
main(void)
{
	struct arena *arena = arena_new(1024 * 1024);
	struct json j;
	struct buf b;
	size_t i;

	buf_init(&b, arena, 0);
	json_begin(&j, &b);
	json_object(&j);
	json_member(&j, "a", "x");
	json_member(&j, "left out", NULL);
	json_key(&j, "b\"");
	json_array(&j);
	json_number(&j, INT64_MIN);
	json_number(&j, INT64_MAX);
	json_raw(&j, "1.50");
	json_array(&j);
	json_array_end(&j);
	json_object(&j);
	json_object_end(&j);
	json_string(&j, "y");
	json_array_end(&j);
	json_key(&j, "c");
	json_object(&j);
	json_member(&j, "d", "");
	json_object_end(&j);
	json_member(&j, "e", "z");
	json_words(&j, "f", "one two");
	json_words(&j, "g", "three");
	json_words(&j, "h", "");
	json_words(&j, "i", NULL);
	json_object_end(&j);
	is(b.data,
	    "{\"a\":\"x\",\"b\\\"\":[-9223372036854775808,9223372036854775807,1.50,[],{},\"y\"],"
	    "\"c\":{\"d\":\"\"},\"e\":\"z\",\"f\":[\"one\",\"two\"],\"g\":[\"three\"]}",
	    "a document with each kind of value");
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		buf_init(&b, arena, 0);
		json_begin(&j, &b);
		json_string(&j, strings[i].text);
		is(b.data, strings[i].want, strings[i].name);
	}
	arena_free(arena);
	return tap_end();
}
