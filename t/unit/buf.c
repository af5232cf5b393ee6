/* SPDX-License-Identifier: ISC */
/* base/buf: it grows, and its two escapes. */
#include "config.h"

#include "base/buf.h"

#include "base/arena.h"
#include "tap.h"

static struct arena *arena;

static const char *
percent(const char *s)
{
	struct buf b;

	buf_init(&b, arena, 0);
	buf_percent(&b, s);
	return b.data;
}

static const char *
html(const char *s)
{
	struct buf b;

	buf_init(&b, arena, 4);
	buf_html(&b, s);
	return b.data;
}

static void
test_growth(void)
{
	struct buf b;
	bool good = true;
	size_t i;

	buf_init(&b, arena, 0);
	is(b.data, "", "empty at first");
	for (i = 0; i < 10000; i++) {
		buf_char(&b, (char)('a' + i % 26));
		good = good && b.len == i + 1 && b.data[b.len] == '\0' && b.size > b.len;
	}
	for (i = 0; i < 10000; i++)
		good = good && b.data[i] == (char)('a' + i % 26);
	ok(good, "grows by characters, always NUL-terminated");
	buf_init(&b, arena, 3);
	buf_str(&b, "ab");
	buf_str(&b, "");
	buf_add(&b, "c\0d", 3);
	ok(b.len == 5 && memcmp(b.data, "abc\0d", 6) == 0, "bytes, NUL too");
	buf_init(&b, arena, 2);
	buf_printf(&b, "%s-%d", "0123456789", 7);
	buf_printf(&b, "%s", "");
	buf_printf(&b, "!");
	is(b.data, "0123456789-7!", "printf beyond what was reserved");
}

int
main(void)
{
	arena = arena_new(1024 * 1024);
	test_growth();
	is(percent(""), "", "percent: empty");
	is(percent("azAZ09-._~"), "azAZ09-._~", "percent: the unreserved stay");
	is(percent("a b&c=d/e?f#%+"), "a%20b%26c%3Dd%2Fe%3Ff%23%25%2B", "percent: all others go");
	is(percent("\xc3\xbc\r\n\x7f"), "%C3%BC%0D%0A%7F", "percent: bytes");
	is(html("<a href=\"x\" b='y'>&amp;</a>"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;", "html: five");
	is(html("\xc3\xbc plain"), "\xc3\xbc plain", "html: all others stay");
	arena_free(arena);
	return tap_end();
}
