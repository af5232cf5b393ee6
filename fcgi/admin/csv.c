/* SPDX-License-Identifier: ISC */
/* CSV (RFC 4180): a header that names the columns, then a record on each line.
 *
 *   field = (escaped / non-escaped)
 *   escaped = DQUOTE *(TEXTDATA / COMMA / CR / LF / 2DQUOTE) DQUOTE
 *   non-escaped = *TEXTDATA
 *
 * A line may end with LF alone, too.  A line with nothing on it is none.  After a mistake the next line is a record again; but a
 * quote that never closes takes the rest of the file with it. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/reader.h"
#include "admin/writer.h"
#include "base/buf.h"
#include "base/text.h"

/* What ended a field. */
enum { COMMA = ',', LINE = '\n', OPEN = -2 };

struct field {
	size_t at, len; /* in the reader's text */
};

/* The rest of a field without quotes, of which c is the first byte. */
static int
plain(struct reader *r, struct record *record, int c)
{
	size_t start = r->len;

	for (; c != COMMA && c != LINE && c != INPUT_END; c = input_get(&r->in)) {
		if (c == '"')
			record_bad(record, "a quote in a field that does not begin with one");
		reader_add(r, c);
	}
	if (c != COMMA && r->len > start && r->text[r->len - 1] == '\r')
		r->len--;
	return c;
}

/* The rest of a field after its opening quote. */
static int
quoted(struct reader *r, struct record *record)
{
	int c;

	for (;;) {
		if ((c = input_get(&r->in)) == INPUT_END)
			return OPEN;
		if (c == '"' && (c = input_get(&r->in)) != '"')
			break;
		reader_add(r, c);
	}
	if (c == '\r' && input_peek(&r->in) == LINE)
		c = input_get(&r->in);
	if (c == COMMA || c == LINE || c == INPUT_END)
		return c;
	record_bad(
	    record, "after the quote that closes (line %" PRId64 ") stands neither a comma nor the end of the line", r->in.line);
	return plain(r, record, c);
}

/* Reads a record into fields[], of which it may have more: returns their number.  0: the end of the file; *ret_open is the line of a
 * quote that never closes, else 0. */
static size_t
read_fields(struct reader *r, struct record *record, struct field fields[READER_FIELDS], int64_t *ret_open)
{
	size_t n = 0, at;
	int end, c;
	int64_t line;

	*ret_open = 0;
	r->len = 0;
	r->cut = false;
	do {
		if ((c = input_get(&r->in)) == INPUT_END && n == 0)
			return 0;
		at = r->len;
		line = r->in.line;
		end = c == '"' ? quoted(r, record) : plain(r, record, c);
		if (end == OPEN)
			*ret_open = line;
		if (n < READER_FIELDS)
			fields[n] = (struct field){ at, r->len - at };
		n++;
		reader_add(r, '\0');
	} while (end == COMMA);
	if (r->cut)
		record_bad(record, "a record of more than %d bytes", READER_TEXT - 1);
	return n;
}

static bool
blank(size_t n, const struct field *fields, const struct record *record)
{
	return n == 1 && fields[0].len == 0 && record->why[0] == '\0';
}

enum found
csv_read(struct reader *r, struct record *record)
{
	struct field fields[READER_FIELDS];
	int64_t open;
	size_t n, i;

	do {
		record_begin(record, r->in.line);
		if ((n = read_fields(r, record, fields, &open)) == 0)
			return FOUND_END;
		if (open > 0) {
			record_begin(record, open);
			record_bad(record, "the quote that opens here never closes");
			return FOUND_BROKEN;
		}
	} while (blank(n, fields, record));
	if (n != r->count)
		record_bad(record, "%zu fields, where the header has %zu", n, r->count);
	for (i = 0; record->why[0] == '\0' && i < n; i++)
		record_put(record, r->fields[i], r->text + fields[i].at, fields[i].len);
	return record->why[0] != '\0' ? FOUND_BAD : record_judge(r->shape, record);
}

static void
unknown(const struct shape *shape, const char *name, char *why, size_t size)
{
	unsigned c, n = 0;
	size_t at;

	at = (size_t)snprintf(why, size, "the header names the column \"%.40s\", ", text_printable(name) ? name : "?");
	if (strpbrk(name, ";\t") != NULL) {
		snprintf(why + at, size - at, "but columns are separated by commas");
		return;
	}
	at += (size_t)snprintf(why + at, size - at, "and %s have only", shape->what);
	for (c = 0; c < COLUMNS && at < size; c++) {
		if (shape->columns & 1U << c)
			at +=
			    (size_t)snprintf(why + at, size - at, "%s %s", n++ == 0 ? "" : ",", record_column_name((enum column)c));
	}
}

bool
csv_header(struct reader *r, char *why, size_t size)
{
	struct field fields[READER_FIELDS];
	struct record record;
	unsigned seen = 0;
	int64_t open;
	size_t i;

	record_begin(&record, 1);
	r->count = read_fields(r, &record, fields, &open);
	if (r->count == 0 || r->count > READER_FIELDS || open > 0 || record.why[0] != '\0') {
		snprintf(why, size, "the first line must name the columns%s%s", record.why[0] == '\0' ? "" : ": ", record.why);
		return false;
	}
	for (i = 0; i < r->count; i++) {
		r->fields[i] = record_column(r->shape, r->text + fields[i].at, fields[i].len);
		if (r->fields[i] == COLUMNS) {
			unknown(r->shape, r->text + fields[i].at, why, size);
			return false;
		}
		if (seen & 1U << r->fields[i]) {
			snprintf(why, size, "the header names the column %s twice", record_column_name(r->fields[i]));
			return false;
		}
		seen |= 1U << r->fields[i];
	}
	return true;
}

static void
write_field(struct buf *out, const char *text)
{
	const char *p;

	if (text == NULL)
		return;
	if (strpbrk(text, "\",\r\n") == NULL && *text != ' ' && (*text == '\0' || text[strlen(text) - 1] != ' ')) {
		buf_str(out, text);
		return;
	}
	buf_char(out, '"');
	for (p = text; *p != '\0'; p++) {
		if (*p == '"')
			buf_char(out, '"');
		buf_char(out, *p);
	}
	buf_char(out, '"');
}

void
csv_write_header(struct buf *out, unsigned columns)
{
	unsigned c;
	bool first = true;

	for (c = 0; c < COLUMNS; c++) {
		if (!(columns & 1U << c))
			continue;
		buf_str(out, first ? "" : ",");
		buf_str(out, record_column_name((enum column)c));
		first = false;
	}
	buf_str(out, "\r\n");
}

void
csv_write(struct buf *out, const struct shape *shape, const struct record *record)
{
	unsigned c;
	bool first = true;

	(void)shape;
	for (c = 0; c < COLUMNS; c++) {
		if (!(record->given & 1U << c))
			continue;
		buf_str(out, first ? "" : ",");
		if (c == COLUMN_ACTIVE)
			buf_str(out, *record->value[c] == 't' ? "true" : "false");
		else
			write_field(out, record->value[c]);
		first = false;
	}
	buf_str(out, "\r\n");
}
