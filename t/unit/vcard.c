/* SPDX-License-Identifier: ISC */
/* contacts/vcard, base/contentline: escapes, folding, the properties that a card has (RFC 6350). */
#include "config.h"

#include "contacts/vcard.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "tap.h"

static struct arena *arena;

static const char *
card(const char *shown)
{
	struct buf buf;

	buf_init(&buf, arena, 0);
	vcard_write(&buf, &(const struct vcard) { .uid = "https://x/1", .shown = shown });
	return buf.data;
}

static const struct {
	const char *name, *shown, *want;
} cases[] = {
	{ "plain", "Ann Bell", "Ann Bell" },
	{ "nothing", "", "" },
	{ "what is escaped", "a,b;c\\d:\"e\"", "a\\,b\\;c\\\\d:\"e\"" },
	{ "a line feed", "a\nb", "a\\nb" },
	{ "no new line by CR LF", "a\r\nTEL:1", "a\\nTEL:1" },
	{ "no control characters", "a\x01\x1f\x7f" "b\tc", "ab\tc" },
	{ "UTF-8", "\xc3\xbc\xf0\x9f\x98\x80", "\xc3\xbc\xf0\x9f\x98\x80" },
	{ "no UTF-8", "a\xff" "b", "a\xef\xbf\xbd" "b" },
};

/* Takes the folds out again (3.2); false where a line is too long, not UTF-8 by itself, or does not end with CR LF. */
static bool
unfold(const char *text, struct buf *ret)
{
	const char *end;

	for (; *text != '\0'; text = end + 2) {
		if ((end = strstr(text, "\r\n")) == NULL || end - text > 75 || !text_utf8(text, (size_t)(end - text)))
			return false;
		if (*text == ' ') {
			ret->len -= 2;
			text++;
		}
		buf_add(ret, text, (size_t)(end + 2 - text));
	}
	return true;
}

/* A name of n bytes and then characters of so many bytes each comes back from its folded form. */
static bool
folds(size_t n, const char *character)
{
	struct buf name, plain, want;
	size_t i;

	buf_init(&name, arena, 0);
	for (i = 0; i < n; i++)
		buf_char(&name, 'x');
	for (i = 0; i < 100; i++)
		buf_str(&name, character);
	buf_init(&plain, arena, 0);
	buf_init(&want, arena, 0);
	buf_printf(&want, "\r\nFN:%s\r\n", name.data);
	return unfold(card(name.data), &plain) && strstr(plain.data, want.data) != NULL;
}

int
main(void)
{
	const struct vcard whole = { "https://c.example/contacts/42", "Ann", "ann,b", "a@b.example", "+1;2",
		"2026-11-24T21:07:08.123456Z" };
	const char *start = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:https://x/1\r\nFN:", *end = "\r\nEND:VCARD\r\n";
	char folded[100];
	struct buf buf;
	size_t i;

	arena = arena_new(1024 * 1024);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is(card(cases[i].shown), arena_printf(arena, "%s%s%s", start, cases[i].want, end), cases[i].name);
	buf_init(&buf, arena, 0);
	vcard_write(&buf, &whole);
	is(buf.data, "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:https://c.example/contacts/42\r\nFN:Ann\r\nNICKNAME:ann\\,b\r\n"
	    "EMAIL:a@b.example\r\nTEL:+1\\;2\r\nREV:20261124T210708Z\r\nEND:VCARD\r\n", "all properties");

	memset(folded, 'x', 72);
	folded[72] = '\0';
	is(card(folded), arena_printf(arena, "%s%s%s", start, folded, end), "75 bytes are a line");
	is(card(arena_printf(arena, "%sy", folded)), arena_printf(arena, "%s%s\r\n y%s", start, folded, end), "76 are two");
	for (i = 0; i < 80; i++)
		ok(folds(i, "x") && folds(i, "\xc3\xbc") && folds(i, "\xe2\x82\xac") && folds(i, "\xf0\x9f\x98\x80"),
		    "no character is cut after %zu bytes", i);
	arena_free(arena);
	return tap_end();
}
