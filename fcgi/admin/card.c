/* SPDX-License-Identifier: ISC */
/* vCards 3.0 (RFC 2426) and 4.0 (RFC 6350), as contacts: UID is the id, FN the name, NICKNAME the user name, EMAIL and TEL.
 *
 *   contentline = [group "."] name *(";" param) ":" value CRLF
 *
 * A line that begins with a space or a tab goes on with the one before.  Everything else of a card, a photo of megabytes too, is
 * passed over.  Of several values the preferred one counts, else the first.  Cards of version 2.1 are refused: nothing in them says
 * how to read them for sure.
 *
 * A UID that can't be an id of this directory makes one: a uuid, or a bigint of 63 bits, by its SHA-256; so the same card gives the
 * same contact each time.  A card without UID is known by its name, e-mail and telephone number.  Integers are too few for that. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admin/reader.h"
#include "base/text.h"
#include "crypto/digest.h"

enum { LEAST_PREFERRED = 101 }; /* RFC 6350 5.3: PREF is 1 to 100 */

struct card {
	char version[8];
	const char *uid;
	long rank[COLUMNS]; /* of the value that a column has */
	bool ended;
};

/* A content line: its parts are texts in the reader's text. */
struct line {
	const char *name; /* without its group */
	char *params;     /* with a ; before each */
	char *value;
	size_t len; /* of the value */
};

/* Reads a whole line behind what the reader's text holds, folds taken out.  False at the end of the file. */
static bool
read_line(struct reader *r)
{
	int c;

	r->cut = false;
	if (input_peek(&r->in) == INPUT_END)
		return false;
	for (;;) {
		while ((c = input_get(&r->in)) != '\n' && c != INPUT_END) {
			if (c != '\r' || input_peek(&r->in) != '\n')
				reader_add(r, c);
		}
		if (c == INPUT_END || ((c = input_peek(&r->in)) != ' ' && c != '\t'))
			return true;
		input_get(&r->in);
	}
}

/* Takes the line apart that begins at start; false where it is none. */
static bool
split(struct reader *r, size_t start, struct line *line)
{
	char *p, *text = r->text + start, *end = r->text + r->len;
	bool quoted = false;

	*end = '\0';
	line->name = text;
	line->params = NULL;
	for (p = text; p < end && (quoted || *p != ':'); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '.' && line->params == NULL)
			line->name = p + 1;
		else if (*p == ';' && line->params == NULL)
			line->params = p;
	}
	if (p == end)
		return false;
	*p = '\0';
	line->value = p + 1;
	line->len = (size_t)(end - line->value);
	return true;
}

static bool
named(const struct line *line, const char *name)
{
	size_t n = strlen(name);

	return strncasecmp(line->name, name, n) == 0 && (line->name[n] == '\0' || line->name[n] == ';');
}

static bool
is(const struct line *line, const char *name, const char *value)
{
	return named(line, name) && strcasecmp(line->value, value) == 0;
}

static bool
has(const struct line *line, const char *param)
{
	return line->params != NULL && strcasestr(line->params, param) != NULL;
}

/* RFC 6350 5.3: PREF=1 is the most preferred; of version 3.0 TYPE=pref. */
static long
rank(const struct line *line)
{
	const char *p = line->params == NULL ? NULL : strcasestr(line->params, "PREF");
	long n;

	if (p == NULL)
		return LEAST_PREFERRED;
	n = p[4] == '=' ? strtol(p + 5, NULL, 10) : 1;
	return n < 1 || n >= LEAST_PREFERRED ? LEAST_PREFERRED - 1 : n;
}

/* RFC 6350 3.4: takes the backslashes out; of a list the first one stays. */
static void
unescape(struct line *line, bool list)
{
	char *from, *to = line->value, *end = line->value + line->len;

	for (from = line->value; from < end && !(list && *from == ','); from++) {
		if (*from == '\\' && from + 1 < end) {
			from++;
			*to++ = *from == 'n' || *from == 'N' ? '\n' : *from;
		} else
			*to++ = *from;
	}
	line->len = (size_t)(to - line->value);
	*to = '\0';
}

/* What a property's parameters say of its value that we don't read. */
static void
refuse_coded(struct record *record, const char *name, const struct line *line)
{
	if (has(line, "QUOTED-PRINTABLE") || has(line, "ENCODING="))
		record_bad(record, "%s is encoded, as in vCard 2.1: only 3.0 and 4.0 are read", name);
	else if (has(line, "CHARSET=") && !has(line, "CHARSET=UTF-8") && !has(line, "CHARSET=\"UTF-8"))
		record_bad(record, "%s has a CHARSET other than UTF-8", name);
}

/* A property of a card; true if its value must be kept.  Of a bad card none is, so there is always room to read the line that ends it. */
static bool
take(struct reader *r, struct record *record, struct card *card, struct line *line)
{
	static const struct {
		const char *name;
		enum column column;
	} known[] = {
		{ "FN", COLUMN_NAME },
		{ "NICKNAME", COLUMN_USERNAME },
		{ "EMAIL", COLUMN_EMAIL },
		{ "TEL", COLUMN_PHONE },
		{ "UID", COLUMN_ID },
	};
	size_t i;
	enum column c;

	for (i = 0; i < sizeof(known) / sizeof(known[0]) && !named(line, known[i].name); i++)
		continue;
	if (i == sizeof(known) / sizeof(known[0]) || has(line, "X-POSTERN=no-name"))
		return false;
	c = known[i].column;
	if (r->cut) {
		record_bad(record, "%s is longer than %d bytes", known[i].name, READER_TEXT - 1);
		return false;
	}
	if (card->rank[c] != 0 && rank(line) >= card->rank[c])
		return false;
	refuse_coded(record, known[i].name, line);
	unescape(line, c == COLUMN_USERNAME);
	if (c == COLUMN_PHONE && has(line, "VALUE=uri") && strncasecmp(line->value, "tel:", 4) == 0) {
		line->value += 4;
		line->len -= 4;
	}
	card->rank[c] = rank(line);
	record_put(record, c, line->value, line->len);
	if (line->value + line->len > r->text + READER_TEXT / 2)
		record_bad(record, "what counts of it is longer than %d bytes", READER_TEXT / 2);
	return record->why[0] == '\0';
}

/* An id that this text always gives, where it has no other. */
static void
derive(struct reader *r, struct record *record, const char *from, size_t len)
{
	unsigned char d[DIGEST_SIZE];
	uint64_t n = 0;
	char *id = r->text + r->len;
	size_t i, room = sizeof(r->text) - r->len;

	digest_sha256(d, from, len);
	for (i = 0; i < 8; i++)
		n = n << 8 | d[i];
	if (r->shape->id_type == ID_BIGINT)
		snprintf(id, room, "%" PRIu64, n & INT64_MAX);
	else /* RFC 9562 5.8: version 8 */
		snprintf(id, room, "%02x%02x%02x%02x-%02x%02x-8%x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1], d[2], d[3],
		    d[4], d[5], d[6] & 15U, d[7], (d[8] & 0x3fU) | 0x80U, d[9], d[10], d[11], d[12], d[13], d[14], d[15]);
	record_put(record, COLUMN_ID, id, strlen(id));
}

static const char *
text_or_none(const char *text)
{
	return text == NULL ? "" : text;
}

static void
judge_uid(struct reader *r, struct record *record)
{
	const char *uid = record->value[COLUMN_ID];
	enum id_type type = r->shape->id_type;
	char all[4096];
	int n;

	if (uid != NULL && type == ID_UUID && strncasecmp(uid, "urn:uuid:", 9) == 0)
		record->value[COLUMN_ID] = uid += 9;
	if (uid != NULL && record_is_id(type, uid))
		return;
	if (type == ID_INTEGER) {
		record_bad(record, "%s, and ids of contacts are integers here: use another format, with ids",
		    uid == NULL ? "it has no UID" : "its UID is no integer");
		return;
	}
	if (uid != NULL) {
		derive(r, record, uid, strlen(uid));
		return;
	}
	n = snprintf(all, sizeof(all), "%s\n%s\n%s", text_or_none(record->value[COLUMN_NAME]),
	    text_or_none(record->value[COLUMN_EMAIL]), text_or_none(record->value[COLUMN_PHONE]));
	if (n == 2)
		record_bad(record, "neither UID nor FN, EMAIL and TEL are there");
	else
		derive(r, record, all, (size_t)n);
}

static enum found
judge(struct reader *r, struct record *record, const struct card *card)
{
	if (strcmp(card->version, "2.1") == 0) {
		record_begin(record, record->line);
		record_bad(record, "a vCard of version 2.1: only 3.0 and 4.0 are read");
	} else if (strcmp(card->version, "3.0") != 0 && strcmp(card->version, "4.0") != 0)
		record_bad(record, "it has no VERSION:3.0 or VERSION:4.0");
	if (!card->ended)
		record_bad(record, "it has no END:VCARD");
	if (record->why[0] != '\0')
		return FOUND_BAD;
	judge_uid(r, record);
	/* A card is a whole: what is not in it is not. */
	record->given = 1U << COLUMN_ID | 1U << COLUMN_USERNAME | 1U << COLUMN_NAME | 1U << COLUMN_EMAIL | 1U << COLUMN_PHONE;
	return record->why[0] != '\0' ? FOUND_BAD : record_judge(r->shape, record);
}

/* Looks for the begin of the next card.  What is none is told once, whatever its length. */
static enum found
find_begin(struct reader *r, struct record *record)
{
	struct line line;

	for (;;) {
		r->len = 0;
		record_begin(record, r->in.line);
		if (!read_line(r))
			return FOUND_END;
		if (split(r, 0, &line) && is(&line, "BEGIN", "VCARD")) {
			r->lost = false;
			return FOUND_RECORD;
		}
		if (r->len == 0 || r->lost)
			continue;
		r->lost = true;
		record_bad(record, "what stands from here on to the next BEGIN:VCARD is no card");
		return FOUND_BAD;
	}
}

enum found
card_read(struct reader *r, struct record *record)
{
	struct card card = { 0 };
	struct line line;
	enum found found;
	size_t start;

	if ((found = find_begin(r, record)) != FOUND_RECORD)
		return found;
	r->len = 0;
	while (start = r->len, !card.ended && read_line(r)) {
		if (!split(r, start, &line))
			r->len = start;
		else if (is(&line, "BEGIN", "VCARD"))
			record_bad(record, "another card begins before this one ends");
		else if (is(&line, "END", "VCARD"))
			card.ended = true;
		else if (named(&line, "VERSION"))
			snprintf(card.version, sizeof(card.version), "%s", line.value);
		else if (take(r, record, &card, &line)) {
			r->len = (size_t)(line.value - r->text) + line.len + 1;
			continue;
		}
		r->len = record->why[0] == '\0' ? start : 0;
	}
	return judge(r, record, &card);
}
