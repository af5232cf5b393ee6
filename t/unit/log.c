/* SPDX-License-Identifier: ISC */
/* base/log: one event is one line, whatever the values hold. */
#include "config.h"

#include "base/log.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/text.h"
#include "tap.h"

static const struct {
	const char *name, *value, *want;
} values[] = {
	{ "a word", "abc/1.2:3", "v=abc/1.2:3" },
	{ "UTF-8", "\xc3\xbc", "v=\xc3\xbc" },
	{ "an empty one is quoted", "", "v=\"\"" },
	{ "a space", "a b", "v=\"a b\"" },
	{ "what looks like a pair", "x level=error", "v=\"x level=error\"" },
	{ "a quote", "a\"b", "v=\"a\\\"b\"" },
	{ "a backslash", "a\\b", "v=\"a\\\\b\"" },
	{ "a newline forges no line", "x\nlevel=info event=forged", "v=\"x\\nlevel=info event=forged\"" },
	{ "CR and tab", "\r\t", "v=\"\\r\\t\"" },
	{ "escape and DEL", "\x1b[2J\x7f", "v=\"\\x1b[2J\\x7f\"" },
	{ "C1: CSI and NEL", "\xc2\x9b\xc2\x85", "v=\"\\xc2\\x9b\\xc2\\x85\"" },
	{ "U+2028 and U+2029", "\xe2\x80\xa8\xe2\x80\xa9", "v=\"\\xe2\\x80\\xa8\\xe2\\x80\\xa9\"" },
	{ "no UTF-8", "a\xff\xc0\xaf", "v=\"a\\xff\\xc0\\xaf\"" },
	{ "one of our secrets", "no client psts_abc-DEF_012.", "v=\"no client (secret).\"" },
	{ "what only begins like one", "pst psta psty_x", "v=\"pst psta psty_x\"" },
	{ "a character cut", "a\xe2\x82", "v=\"a\\xe2\\x82\"" },
};

static char long_value[20000];

static void
say(const void *value)
{
	log_event(LOG_INFO, "test", "v", value, NULL);
}

static void
say_long(const void *unit)
{
	size_t n = strlen(unit), len;

	for (len = 0; len + n < sizeof(long_value); len += n)
		memcpy(long_value + len, unit, n + 1);
	log_event(LOG_INFO, "test", "v", long_value, "last", "here", NULL);
}

static void
say_many(const void *unused)
{
	(void)unused;
	log_event(LOG_INFO, "test", "a", long_value, "b", long_value, "c", long_value, "d", long_value, "e", long_value, "f", "x", NULL);
}

static void
say_levels(const void *unused)
{
	(void)unused;
	log_event(LOG_WARN, "shown", "left_out", (const char *)NULL, "k", "v", NULL);
	log_fatal(EX_SOFTWARE, "end", NULL);
}

/* With stderr as systemd would have it. */
static void
say_in_journal(const void *right)
{
	char stream[64];
	struct stat st;

	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + (right == NULL));
	setenv("JOURNAL_STREAM", stream, 1);
	log_event(LOG_INFO, "test", NULL);
}

static void
test_values(void)
{
	char said[8192], *v;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		child(say, values[i].value, said, sizeof(said));
		v = strstr(said, "v=");
		ok(strchr(said, '\n') == said + strlen(said) - 1, "%s: one line", values[i].name);
		said[strlen(said) - 1] = '\0';
		is(v == NULL ? "" : v, values[i].want, values[i].name);
	}
}

static void
test_cut(const char *unit, const char *name)
{
	char said[8192];

	child(say_long, unit, said, sizeof(said));
	ok(strlen(said) <= 4096, "%s: at most 4 KiB", name);
	ok(strstr(said, "...") != NULL && strstr(said, " last=here\n") != NULL, "%s: cut visibly, the next value is there", name);
	ok(text_utf8(said, strlen(said)), "%s: cut at a whole character", name);
}

int
main(void)
{
	char said[8192];

	unsetenv("JOURNAL_STREAM");
	log_program("unit");
	test_values();
	test_cut("x", "a long word");
	test_cut("a ", "a long text");
	test_cut("\xe2\x82\xac", "long UTF-8");
	test_cut("a\xe2\x82\xac", "long UTF-8, shifted");
	test_cut("\n", "long escapes");

	memset(long_value, 'x', sizeof(long_value) - 1);
	child(say_many, NULL, said, sizeof(said));
	ok(strlen(said) <= 4096 && strcmp(said + strlen(said) - 5, " ...\n") == 0, "a full line is cut visibly");

	ok(child(say_levels, NULL, said, sizeof(said)) == EX_SOFTWARE, "log_fatal ends the process with its status");
	ok(strstr(said, "level=warn program=unit event=shown k=v\n") != NULL, "a pair of NULL is left out");
	ok(strstr(said, "level=error program=unit event=end\n") != NULL, "log_fatal writes");
	ok(strncmp(said, "time=2", 6) == 0, "a line begins with the time");
	child(say_in_journal, "", said, sizeof(said));
	is(said, "level=info program=unit event=test\n", "but not in the journal");
	child(say_in_journal, NULL, said, sizeof(said));
	ok(strncmp(said, "time=2", 6) == 0, "another process's journal is none");
	return tap_end();
}
