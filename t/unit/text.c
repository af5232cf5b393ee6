/* SPDX-License-Identifier: ISC */
/* base/text: what is UTF-8, what is a number, and base64 to the last bit. */
#include "config.h"

#include "base/text.h"

#include "base/arena.h"
#include "tap.h"

static const struct {
	const char *name, *bytes;
	bool good;
} utf8[] = {
	{ "empty", "", true },
	{ "ASCII", "a~\t", true },
	{ "two bytes, the first and the last", "\xc2\x80\xdf\xbf", true },
	{ "three bytes, the first and the last", "\xe0\xa0\x80\xef\xbf\xbf", true },
	{ "last before and first after the surrogates", "\xed\x9f\xbf\xee\x80\x80", true },
	{ "four bytes, the first and U+10FFFF", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", true },
	{ "overlong slash in two bytes", "\xc0\xaf", false },
	{ "overlong DEL in two bytes", "\xc1\xbf", false },
	{ "overlong in three bytes", "\xe0\x9f\xbf", false },
	{ "overlong in four bytes", "\xf0\x8f\xbf\xbf", false },
	{ "first surrogate", "\xed\xa0\x80", false },
	{ "last surrogate", "\xed\xbf\xbf", false },
	{ "U+110000", "\xf4\x90\x80\x80", false },
	{ "five bytes", "\xf8\x88\x80\x80\x80", false },
	{ "a tail alone", "a\x80", false },
	{ "two bytes cut", "a\xc3", false },
	{ "three bytes cut", "\xe2\x82", false },
	{ "four bytes cut", "\xf0\x9f\x98", false },
	{ "a tail missing in the middle", "\xe2\x82z", false },
	{ "0xff", "\xff", false },
};

static const struct {
	const char *text;
	int64_t min, max, want;    /* want -1: refused */
} numbers[] = {
	{ "0", 0, 10, 0 },
	{ "10", 0, 10, 10 },
	{ "007", 0, 10, 7 },
	{ "9223372036854775807", 0, INT64_MAX, INT64_MAX },
	{ "9223372036854775808", 0, INT64_MAX, -1 },
	{ "18446744073709551617", 0, INT64_MAX, -1 },
	{ "99999999999999999999999", 0, INT64_MAX, -1 },
	{ "11", 0, 10, -1 },
	{ "4", 5, 10, -1 },
	{ "", 0, 10, -1 },
	{ "+1", 0, 10, -1 },
	{ "-1", -5, 10, -1 },
	{ " 1", 0, 10, -1 },
	{ "1 ", 0, 10, -1 },
	{ "1x", 0, 10, -1 },
	{ "0x1", 0, 10, -1 },
};

static const struct {
	const char *text;
	size_t n;
	bool good;
} base64url[] = {
	{ "", 0, true },
	{ "_w", 1, true },
	{ "--8", 2, true },
	{ "____", 3, true },
	{ "_x", 1, false },      /* unused bits */
	{ "--9", 2, false },
	{ "_w==", 1, false },
	{ "_w", 2, false },
	{ "_", 0, false },
	{ "/w", 1, false },
	{ "+/8", 2, false },
	{ "_ w", 2, false },
	{ "__\n_", 3, false },
};

static const struct {
	const char *text, *want;    /* want NULL: refused */
} base64[] = {
	{ "", "" },
	{ "YTpi", "a:b" },
	{ "YTo=", "a:" },
	{ "YTo", "a:" },
	{ "YQ==", "a" },
	{ "YQ", "a" },
	{ "YQ=", NULL },
	{ "YQ===", NULL },
	{ "YTpi=", NULL },
	{ "YTpi====", NULL },
	{ "YR==", NULL },           /* unused bits */
	{ "Y", NULL },
	{ "YT=i", NULL },
	{ "YT-_", NULL },
	{ "YTpi YTpi", NULL },
	{ "YWFhYWFhYWFh", NULL },    /* longer than the buffer */
};

static void
test_utf8(void)
{
	size_t i;

	for (i = 0; i < sizeof(utf8) / sizeof(utf8[0]); i++)
		ok(text_utf8(utf8[i].bytes, strlen(utf8[i].bytes)) == utf8[i].good, "UTF-8: %s", utf8[i].name);
	ok(!text_utf8("a\0b", 3), "UTF-8: NUL");
	ok(text_utf8_char("", 0) == 0 && text_utf8_char("\xe2\x82\xac!", 4) == 3 && text_utf8_char("\xe2\x82\xac", 2) == 0,
	    "the length of the first character");
	ok(text_printable("") && text_printable("a \xc2\xa0\xc3\x84~") && !text_printable("a\t") && !text_printable("\x7f") &&
	    !text_printable("\xc2\x9b") && !text_printable("\xc2\x80") && !text_printable("\xff"), "no control character");
	ok(text_only("abba", "ab") && text_only("", "ab") && !text_only("abc", "ab"), "only the characters of a set");
}

static void
test_numbers(void)
{
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		int64_t n = 4242;
		bool good = text_number(numbers[i].text, numbers[i].min, numbers[i].max, &n);

		ok(good == (numbers[i].want >= 0) && n == (good ? numbers[i].want : 4242), "number \"%s\"", numbers[i].text);
	}
}

static void
test_base64url(void)
{
	unsigned char bytes[8];
	char again[16];
	size_t i, n;

	for (i = 0; i < sizeof(base64url) / sizeof(base64url[0]); i++) {
		memset(bytes, 0x55, sizeof(bytes));
		n = base64url[i].n;
		if (!base64url[i].good) {
			ok(!text_unbase64url(bytes, n, base64url[i].text, strlen(base64url[i].text)) && bytes[0] == 0x55,
			    "base64url %zu is refused, nothing is written", i);
			continue;
		}
		ok(text_unbase64url(bytes, n, base64url[i].text, strlen(base64url[i].text)) && bytes[n] == 0x55, "base64url %zu", i);
		text_base64url(again, bytes, n);
		is(again, base64url[i].text, "and back");
		ok(text_base64url_len(n) == strlen(again), "and its length");
	}
}

static void
test_base64(void)
{
	unsigned char bytes[8];
	size_t i;
	long n;

	for (i = 0; i < sizeof(base64) / sizeof(base64[0]); i++) {
		n = text_unbase64(bytes, sizeof(bytes), base64[i].text);
		if (base64[i].want == NULL)
			ok(n == -1, "base64 \"%s\" is refused", base64[i].text);
		else
			ok(n == (long)strlen(base64[i].want) && memcmp(bytes, base64[i].want, (size_t)n) == 0, "base64 \"%s\"",
			    base64[i].text);
	}
}

int
main(void)
{
	struct arena *arena = arena_new(1024);
	unsigned char bytes[3];

	test_utf8();
	test_numbers();
	test_base64url();
	test_base64();
	is(text_bytea(arena, (const unsigned char *)"\x00\xff" "a", 3), "\\x00ff61", "bytea");
	is(text_bytea(arena, (const unsigned char *)"", 0), "\\x", "an empty bytea");
	ok(text_bytea(arena, NULL, 0) == NULL, "bytea of NULL is NULL");
	is(text_decimal(arena, INT64_MIN), "-9223372036854775808", "the least number in decimal");
	ok(text_unbytea(bytes, 3, "\\x00ff61") && memcmp(bytes, "\x00\xff" "a", 3) == 0, "and back");
	ok(!text_unbytea(bytes, 3, "\\x00ff6"), "bytea: too short");
	ok(!text_unbytea(bytes, 3, "\\x00ff6100"), "bytea: too long");
	ok(!text_unbytea(bytes, 3, "\\x00ff6g"), "bytea: no digit");
	ok(!text_unbytea(bytes, 3, "00ff6161"), "bytea: without its beginning");
	arena_free(arena);
	return tap_end();
}
