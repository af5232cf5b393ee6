/* SPDX-License-Identifier: ISC */
/* Lines of logfmt.  A line has at most 4 KiB, so that one write(2) to a pipe carries it whole beside those of other workers. */
#include "config.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

/* One value may take a quarter of the line, so that a long one doesn't push out the others. */
enum { LINE_SIZE = 4096, VALUE_SIZE = 1024 };

static const char cut_value[] = "...", cut_line[] = " ...";

/* Room at the end of a line for what tells that it was cut: the value's dots and quote, the line's dots, the newline. */
enum { TAIL = sizeof(cut_value) + sizeof(cut_line) };

struct line {
	size_t len;
	char text[LINE_SIZE];
};

static const char *const levels[] = { "error", "warn", "info" };
static const char *program;

void
log_program(const char *name)
{
	program = name;
}

static void
append(struct line *l, const char *s, size_t n)
{
	memcpy(l->text + l->len, s, n);
	l->len += n;
}

/* The character stands for itself in a value: no control character (C0, DEL, C1), no separator of lines. */
static bool
harmless(const char *s, size_t n)
{
	const unsigned char *c = (const unsigned char *)s;

	if (n == 1)
		return c[0] >= 0x20 && c[0] != 0x7f && c[0] != '"' && c[0] != '\\';
	if (n == 2)
		return c[0] != 0xc2 || c[1] >= 0xa0;
	return n != 0 && memcmp(s, "\342\200\250", 3) != 0 && memcmp(s, "\342\200\251", 3) != 0;
}

static size_t
escape(char piece[8], char c)
{
	static const char from[] = "\"\\\n\r\t", to[] = "\"\\nrt";
	const char *p;

	if ((p = strchr(from, c)) != NULL)
		return (size_t)snprintf(piece, 8, "\\%c", to[p - from]);
	return (size_t)snprintf(piece, 8, "\\x%02x", (unsigned char)c);
}

static bool
needs_quotes(const char *s, size_t len)
{
	size_t n;

	if (len == 0 || strpbrk(s, " =") != NULL)
		return true;
	for (; len > 0; s += n, len -= n) {
		n = text_utf8_char(s, len);
		if (!harmless(s, n))
			return true;
	}
	return false;
}

/* The length of one of our secrets (oauth/opaque.h) at the start of a text, 0: none.  People paste them in the wrong place, and then
 * the reason of the refusal holds it. */
static size_t
secret_len(const char *s)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	if (strncmp(s, "pst", 3) != 0 || s[3] == '\0' || strchr("acdpqrs", s[3]) == NULL || s[4] != '_')
		return 0;
	return strspn(s, set);
}

static void
put_value(struct line *l, const char *s)
{
	size_t n, size, len = strlen(s);
	size_t end = l->len + VALUE_SIZE < LINE_SIZE - TAIL ? l->len + VALUE_SIZE : LINE_SIZE - TAIL;
	bool quotes = needs_quotes(s, len);
	const char *text;
	char piece[8];

	if (quotes)
		append(l, "\"", 1);
	for (; len > 0; s += n, len -= n) {
		n = text_utf8_char(s, len);
		text = s;
		size = n;
		if (secret_len(s) > 0) {
			n = secret_len(s);
			text = "(secret)";
			size = strlen(text);
		} else if (!harmless(s, n)) {
			n = 1;
			text = piece;
			size = escape(piece, *s);
		}
		if (l->len + size > end) {
			append(l, cut_value, sizeof(cut_value) - 1);
			break;
		}
		append(l, text, size);
	}
	if (quotes)
		append(l, "\"", 1);
}

/* False when the line is full. */
static bool
put_pair(struct line *l, const char *key, const char *value)
{
	size_t n = strlen(key);

	if (value == NULL)
		return true;
	if (l->len + n + sizeof(" =\"") - 1 > LINE_SIZE - TAIL)
		return false;
	if (l->len > 0)
		append(l, " ", 1);
	append(l, key, n);
	append(l, "=", 1);
	put_value(l, value);
	return true;
}

/* The journal stamps each line itself.  systemd.exec(5): JOURNAL_STREAM holds device and inode of its socket; a program that
 * runs below such a service with stderr elsewhere inherits the variable, so it is compared. */
static bool
is_journal(void)
{
	static int known = -1;
	const char *stream = getenv("JOURNAL_STREAM");
	char here[64] = "";
	struct stat st;

	if (known < 0) {
		if (fstat(STDERR_FILENO, &st) == 0)
			snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
		known = stream != NULL && strcmp(stream, here) == 0;
	}
	return known != 0;
}

static void
put_time(struct line *l)
{
	char seconds[32], text[40];
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &tm) == NULL)
		return;
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%03dZ", seconds, (int)(now.tv_nsec / 1000000));
	put_pair(l, "time", text);
}

static void
write_event(enum log_level level, const char *event, va_list ap)
{
	struct line l;
	const char *key;
	bool room;

	l.len = 0;
	if (!is_journal())
		put_time(&l);
	put_pair(&l, "level", levels[level]);
	put_pair(&l, "program", program);
	room = put_pair(&l, "event", event);
	while (room && (key = va_arg(ap, const char *)) != NULL)
		room = put_pair(&l, key, va_arg(ap, const char *));
	if (!room)
		append(&l, cut_line, sizeof(cut_line) - 1);
	append(&l, "\n", 1);
	/* There is nobody to tell that the log can't be written. */
	if (write(STDERR_FILENO, l.text, l.len) < 0)
		return;
}

void
log_event(enum log_level level, const char *event, ...)
{
	va_list ap;

	va_start(ap, event);
	write_event(level, event, ap);
	va_end(ap);
}

void
log_fatal(int status, const char *event, ...)
{
	va_list ap;

	va_start(ap, event);
	write_event(LOG_ERROR, event, ap);
	va_end(ap);
	exit(status);
}
