/* SPDX-License-Identifier: ISC */
/* The readers of csv.c, jsonl.c and card.c: each mistake by its line, what is written comes back, and no bytes hurt them. */
#include "config.h"

#include "admin/reader.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <sys/mman.h>

#include "admin/writer.h"
#include "base/arena.h"
#include "base/buf.h"
#include "tap.h"

enum { ROUNDS = 20000 };

enum { OWNED = 1U << COLUMN_OWNER_ID | 1U << COLUMN_OWNER };
enum { CONTACT = 1U << COLUMN_ID | 1U << COLUMN_USERNAME | 1U << COLUMN_NAME | 1U << COLUMN_EMAIL | 1U << COLUMN_PHONE };
enum {
	PERSON = 1U << COLUMN_ID | 1U << COLUMN_USERNAME | 1U << COLUMN_PASSWORD_HASH | 1U << COLUMN_NAME | 1U << COLUMN_EMAIL |
	    1U << COLUMN_ACTIVE
};

static const struct shape contacts = { "contacts", OWNED | CONTACT, true, false, ID_BIGINT, ID_BIGINT };
static const struct shape of_one = { "contacts", OWNED | CONTACT, true, true, ID_BIGINT, ID_BIGINT };
static const struct shape people = { "people", PERSON, false, false, ID_UUID, ID_UUID };

static struct arena *arena;
static struct reader reader;

/* Begins to read those bytes; false where CSV's header is none. */
static bool
begin(const struct shape *shape, bool csv, const char *bytes, size_t len, char *why, size_t size)
{
	int fd = memfd_create("reader", 0);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	if (reader.in.fd > 0)
		close(reader.in.fd);
	reader.shape = shape;
	reader.lost = false;
	input_begin(&reader.in, fd);
	return !csv || csv_header(&reader, why, size);
}

static void
tell(struct buf *out, const struct record *r, enum found found)
{
	unsigned c;

	buf_printf(out, "%" PRId64, r->line);
	if (found != FOUND_RECORD)
		buf_printf(out, "! %s", r->why);
	for (c = 0; found == FOUND_RECORD && c < COLUMNS; c++) {
		if (r->given & 1U << c)
			buf_printf(out, " %s=%s", record_column_name((enum column)c), r->value[c] == NULL ? "-" : r->value[c]);
	}
	buf_char(out, '|');
}

/* What is read of a text, as one line. */
static const char *
all(const struct shape *shape, enum found (*read)(struct reader *, struct record *), const char *bytes, size_t len)
{
	struct record record;
	enum found found;
	char why[512];
	struct buf out;

	buf_init(&out, arena, 0);
	if (!begin(shape, read == csv_read, bytes, len, why, sizeof(why)))
		return arena_strdup(arena, why);
	do {
		if ((found = read(&reader, &record)) != FOUND_END)
			tell(&out, &record, found);
	} while (found == FOUND_RECORD || found == FOUND_BAD);
	return out.data;
}

#define H "owner,id,name\n"

static const struct {
	const char *name, *text, *want;
} csv[] = {
	{ "a line", H "a,1,Ann\n", "2 owner=a id=1 name=Ann|" },
	{ "no newline at the end, no value", H "a,1,", "2 owner=a id=1 name=-|" },
	{ "CR LF", "owner,id,name\r\na,1,Ann\r\n", "2 owner=a id=1 name=Ann|" },
	{ "a byte order mark", "\xef\xbb\xbf" H "a,1,Ann\n", "2 owner=a id=1 name=Ann|" },
	{ "names in capitals and quotes", "\"OWNER\",Id,NAME\na,1,Ann\n", "2 owner=a id=1 name=Ann|" },
	{ "blank lines", "owner,id,name\n\n\r\na,1,Ann\n\n", "4 owner=a id=1 name=Ann|" },
	{ "quotes", H "\"a\",\"1\",\"A \"\"n\"\", n\"\n", "2 owner=a id=1 name=A \"n\", n|" },
	{ "an empty value in quotes", H "a,1,\"\"\n", "2 owner=a id=1 name=-|" },
	{ "a newline in quotes", H "a,1,\"A\nn\"\na,2,B\n", "2 owner=a id=1 name=A\nn|4 owner=a id=2 name=B|" },
	{ "a quote that never closes", H "a,1,A\na,2,\"n\na,3,B\n", "2 owner=a id=1 name=A|3! the quote that opens here never closes|" },
	{ "a quote that never closes, on a later line of its record", H "a,\"\n2\",\"n\n", "3! the quote that opens here never closes|" },
	{ "a quote in the middle", H "a,1,A\"n\na,2,B\n", "2! a quote in a field that does not begin with one|3 owner=a id=2 name=B|" },
	{ "text after a quote", H "a,1,\"A\" n\na,2,B\n",
	    "2! after the quote that closes (line 2) stands neither a comma nor the end of the line|3 owner=a id=2 name=B|" },
	{ "too few fields", H "a,1\na,2,B\n", "2! 2 fields, where the header has 3|3 owner=a id=2 name=B|" },
	{ "too many fields", H "a,1,B,\n", "2! 4 fields, where the header has 3|" },
	{ "no UTF-8", H "a,1,\xe4\na,2,B\n", "2! name is not UTF-8|3 owner=a id=2 name=B|" },
	{ "a surrogate", H "a,1,\xed\xa0\x80\n", "2! name is not UTF-8|" },
	{ "an escape", H "a,1,\x1b[2J\n", "2! there is a control character in name|" },
	{ "a control character of C1", H "a,1,\xc2\x9b" "2J\n", "2! there is a control character in name|" },
	{ "no id", H "a,,A\n", "2! id is missing|" },
	{ "no owner", H ",1,A\n", "2! neither owner_id nor owner is there|" },
	{ "an id with a letter", H "a,1x,A\n", "2! id is not a bigint|" },
	{ "an id with a zero before it", H "a,01,A\n", "2! id is not a bigint|" },
	{ "the greatest id", H "a,9223372036854775807,A\n", "2 owner=a id=9223372036854775807 name=A|" },
	{ "a greater one", H "a,9223372036854775808,A\n", "2! id is not a bigint|" },
	{ "the least id", H "a,-9223372036854775808,A\n", "2 owner=a id=-9223372036854775808 name=A|" },
	{ "a lesser one", H "a,-9223372036854775809,A\n", "2! id is not a bigint|" },
	{ "nothing at all", "", "the first line must name the columns" },
	{ "an unknown column", "id,nam\n",
	    "the header names the column \"nam\", and contacts have only owner_id, owner, id, username, name, email, phone" },
	{ "semicolons", "id;name\n", "the header names the column \"id;name\", but columns are separated by commas" },
	{ "a column twice", "id,name,ID\n", "the header names the column id twice" },
	{ "a header that never closes", "id,\"name\n", "the first line must name the columns" },
}, jsonl[] = {
	{ "a line", "{\"owner\":\"a\",\"id\":1,\"name\":\"A\\ud83d\\ude00\"}\n", "1 owner=a id=1 name=A\xf0\x9f\x98\x80|" },
	{ "blank lines, no newline at the end, null", "\n \t\r\n{\"id\":\"1\",\"owner\":\"a\",\"name\":null}", "3 owner=a id=1 name=-|" },
	{ "what is not there", "{\"owner\":\"a\",\"id\":1}\n", "1 owner=a id=1|" },
	{ "colons and braces in a text", "{\"owner\":\"a\",\"id\":1,\"name\":\"{\\\"a\\\":\\\\\"}\n", "1 owner=a id=1 name={\"a\":\\|" },
	{ "a member twice", "{\"id\":1,\"id\":2,\"owner\":\"a\"}\n{\"owner\":\"a\",\"id\":1}\n", "1! a member is there twice|2 owner=a id=1|" },
	{ "a member twice, in other letters", "{\"id\":1,\"ID\":1,\"owner\":\"a\"}\n", "1! the member id is there twice|" },
	{ "an unknown member", "{\"id\":1,\"nam\":1}\n", "1! there is no member \"nam\" of contacts|" },
	{ "a lone surrogate", "{\"id\":1,\"owner\":\"\\ud800\"}\n", "1! a lone surrogate|" },
	{ "a low one before a high one", "{\"id\":1,\"owner\":\"\\ude00\\ud83d\"}\n", "1! a lone surrogate|" },
	{ "a NUL", "{\"id\":1,\"owner\":\"a\\u0000\"}\n", "1! there is a NUL in owner|" },
	{ "a fraction", "{\"id\":1.5,\"owner\":\"a\"}\n", "1! id is neither a text nor a whole number|" },
	{ "10^30", "{\"id\":1000000000000000000000000000000,\"owner\":\"a\"}\n", "1! id is not a bigint|" },
	{ "-10^30", "{\"id\":-1000000000000000000000000000000,\"owner\":\"a\"}\n", "1! id is neither a text nor a whole number|" },
	{ "a number as name", "{\"id\":1,\"owner\":\"a\",\"name\":1}\n", "1! name is not a text|" },
	{ "an object as name", "{\"id\":1,\"owner\":\"a\",\"name\":{}}\n", "1! name is not a text|" },
	{ "what is deep", "{\"id\":[[[[1]]]]}\n", "1! JSON that is too deep|" },
	{ "an array", "[1]\n", "1! no JSON object|" },
	{ "half an object", "{\"id\":1\n{\"owner\":\"a\",\"id\":1}\n", "1! no JSON: unexpected end of data|2 owner=a id=1|" },
	{ "two objects", "{\"id\":1,\"owner\":\"a\"}{}\n", "1! no JSON: unexpected character|" },
	{ "single quotes", "{'id':1,\"owner\":\"a\"}\n", "1! no JSON: a single quote|" },
	{ "no UTF-8", "{\"id\":1,\"owner\":\"\xff\"}\n", "1! no JSON: invalid utf-8 string|" },
}, card[] = {
	{ "a card", "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:7\r\nFN:Ann\r\nEND:VCARD\r\n", "1 id=7 username=- name=Ann email=- phone=-|" },
	{ "version 3.0, other letters, groups, and what is not ours",
	    "begin:vcard\nversion:3.0\nuid:7\nN:Bell;Ann\nitem1.FN:Ann\nX-Y;Z=\"a:b;c\":q\nORG:x\nend:vcard\n",
	    "1 id=7 username=- name=Ann email=- phone=-|" },
	{ "folding, in a character too", "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:7\r\nFN:A\xc3\r\n \xbc\r\n\tn\r\n  n\r\nEND:VCARD\r\n",
	    "1 id=7 username=- name=A\xc3\xbcn n email=- phone=-|" },
	{ "escapes", "BEGIN:VCARD\nVERSION:4.0\nUID:7\nFN:a\\,b\\;c\\\\n\\nd\nEND:VCARD\n", "1 id=7 username=- name=a,b;c\\n\nd email=- phone=-|" },
	{ "the first of a list", "BEGIN:VCARD\nVERSION:4.0\nUID:7\nNICKNAME:a\\,b,c\nEND:VCARD\n",
	    "1 id=7 username=a,b name=- email=- phone=-|" },
	{ "the preferred one", "BEGIN:VCARD\nVERSION:4.0\nUID:7\nEMAIL:a\nEMAIL;PREF=2:b\nEMAIL;TYPE=x;PREF=1:c\nTEL:1\nTEL:2\nEND:VCARD\n",
	    "1 id=7 username=- name=- email=c phone=1|" },
	{ "the preferred one of 3.0, a number as URI",
	    "BEGIN:VCARD\nVERSION:3.0\nUID:7\nEMAIL:a\nEMAIL;TYPE=work,pref:b\nTEL;VALUE=uri:tel:+1-2\nEND:VCARD\n",
	    "1 id=7 username=- name=- email=b phone=+1-2|" },
	{ "two cards", "BEGIN:VCARD\nVERSION:4.0\nUID:7\nEND:VCARD\n\nBEGIN:VCARD\nVERSION:4.0\nUID:8\nEND:VCARD\n",
	    "1 id=7 username=- name=- email=- phone=-|6 id=8 username=- name=- email=- phone=-|" },
	{ "a UID that makes an id", "BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1\nEND:VCARD\n",
	    "1 id=8448314116892556141 username=- name=- email=- phone=-|" },
	{ "a card that makes an id", "BEGIN:VCARD\nVERSION:4.0\nFN:Ann\nEND:VCARD\n", "1 id=3483338599129104332 username=- name=Ann email=- phone=-|" },
	{ "an empty card", "BEGIN:VCARD\nVERSION:4.0\nEND:VCARD\n", "1! neither UID nor FN, EMAIL and TEL are there|" },
	{ "version 2.1", "BEGIN:VCARD\nVERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE:A=\nnn\nEND:VCARD\nBEGIN:VCARD\nVERSION:4.0\nUID:7\nEND:VCARD\n",
	    "1! a vCard of version 2.1: only 3.0 and 4.0 are read|6 id=7 username=- name=- email=- phone=-|" },
	{ "no version", "BEGIN:VCARD\nUID:7\nEND:VCARD\n", "1! it has no VERSION:3.0 or VERSION:4.0|" },
	{ "quoted-printable", "BEGIN:VCARD\nVERSION:3.0\nUID:7\nFN;ENCODING=QUOTED-PRINTABLE:=C3=BC\nEND:VCARD\n",
	    "1! FN is encoded, as in vCard 2.1: only 3.0 and 4.0 are read|" },
	{ "a charset", "BEGIN:VCARD\nVERSION:3.0\nUID:7\nFN;CHARSET=ISO-8859-1:\xfc\nEND:VCARD\n", "1! FN has a CHARSET other than UTF-8|" },
	{ "UTF-8 by name", "BEGIN:VCARD\nVERSION:3.0\nUID:7\nFN;CHARSET=utf-8:\xc3\xbc\nEND:VCARD\n",
	    "1 id=7 username=- name=\xc3\xbc email=- phone=-|" },
	{ "no UTF-8", "BEGIN:VCARD\nVERSION:3.0\nUID:7\nFN:\xfc\nEND:VCARD\n", "1! name is not UTF-8|" },
	{ "a card in a card", "BEGIN:VCARD\nVERSION:4.0\nUID:7\nBEGIN:VCARD\nUID:8\nEND:VCARD\n", "1! another card begins before this one ends|" },
	{ "a card without end", "BEGIN:VCARD\nVERSION:4.0\nUID:7\n", "1! it has no END:VCARD|" },
	{ "no card at all", "id,name\n1,Ann\n", "1! what stands from here on to the next BEGIN:VCARD is no card|" },
}, person[] = {
	{ "a person", "id,username,active\n,ann,TRUE\n", "2 id=- username=ann active=t|" },
	{ "a hash", "username,password_hash\nann,$y$j9T$a$b\n", "2 username=ann password_hash=$y$j9T$a$b|" },
	{ "no hash says nothing", "username,password_hash,active\nann,,\n", "2 username=ann|" },
	{ "a password", "username,password_hash\nann,secret\n",
	    "2! password_hash is no hash of a scheme that Postern verifies (a password itself is never taken)|" },
	{ "a hash of MD5", "username,password_hash\nann,$1$a$b\n",
	    "2! password_hash is no hash of a scheme that Postern verifies (a password itself is never taken)|" },
	{ "neither id nor name", "id,username\n,\"\"\n", "2! neither id nor username is there|" },
	{ "an empty user name", "id,username\n4fbe8971-0bc3-424c-9c26-36c3e1eff6b1,\n", "2! username is empty|" },
	{ "no uuid", "id,username\n4fbe8971-0bc3-424c-9c2636c3e1eff6b1-,ann\n", "2! id is not a uuid|" },
	{ "half a uuid", "id,username\n4fbe8971,ann\n", "2! id is not a uuid|" },
	{ "neither true nor false", "username,active\nann,maybe\n", "2! active is neither true nor false|" },
	{ "a name of two lines", "username,name\n\"a\nb\",x\n", "2! there is a control character in username|" },
	{ "a phone", "username,phone\n", "the header names the column \"phone\", and people have only id, username, password_hash, name, email, active" },
};

/* A record longer than what is kept costs itself alone, and no memory. */
static void
test_long(void)
{
	struct buf text;
	size_t i, n = 3 * READER_TEXT;

	buf_init(&text, arena, 0);
	buf_str(&text, H "a,1,\"");
	for (i = 0; i < n; i++)
		buf_char(&text, i % 100 == 0 ? '\n' : 'x');
	buf_str(&text, "\"\na,2,B\n");
	is(all(&contacts, csv_read, text.data, text.len), "2! a record of more than 65535 bytes|1970 owner=a id=2 name=B|",
	    "a long record of CSV");
	text.len = 0;
	buf_str(&text, "{\"id\":1,\"name\":\"");
	for (i = 0; i < n; i++)
		buf_char(&text, 'x');
	buf_str(&text, "\"}\n{\"owner\":\"a\",\"id\":1}\n");
	is(all(&contacts, jsonl_read, text.data, text.len), "1! a line of more than 65535 bytes|2 owner=a id=1|",
	    "a long line of JSON");
	text.len = 0;
	buf_str(&text, "BEGIN:VCARD\nVERSION:3.0\nUID:7\nPHOTO;ENCODING=b:");
	for (i = 0; i < n; i++)
		buf_str(&text, i % 75 == 0 ? "\n " : "x");
	buf_str(&text, "\nFN:Ann\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nUID:8\nFN:");
	for (i = 0; i < n; i++)
		buf_char(&text, 'x');
	buf_str(&text, "\nEND:VCARD\n");
	ok(strstr(all(&of_one, card_read, text.data, text.len), "! FN is longer than 65535 bytes|") != NULL,
	    "a long name of a card");
	ok(strstr(all(&of_one, card_read, text.data, text.len), "1 id=7 username=- name=Ann ") != NULL, "a photo is passed over");
	text.len = 0;
	buf_str(&text, H "a,1,");
	for (i = 0; i <= 1000; i++)
		buf_char(&text, 'x');
	is(all(&contacts, csv_read, text.data, text.len), "2! name is longer than 1000 bytes|", "a long name");
}

static unsigned seed = 20261124;

static unsigned
chance(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

static const char *const pieces[] = { "a", "Z", " ", ",", ";", ":", "\\", "\"", "\"\"", "'", "\n", "\t", "=", "#", "\\n",
	"\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xcc\x81", "x-", "{", "}", "1", "BEGIN:VCARD", "null" };

/* A text of any pieces; of a line where it must be one. */
static const char *
any_text(bool line)
{
	struct buf text;
	unsigned n = chance(60);
	const char *piece;

	buf_init(&text, arena, 0);
	while (n-- > 0) {
		piece = pieces[chance(sizeof(pieces) / sizeof(pieces[0]))];
		if (!line || (*piece != '\n' && *piece != '\t'))
			buf_str(&text, piece);
	}
	return text.len == 0 ? NULL : text.data;
}

/* What is written is read again as it was. */
static void
test_round_trip(const char *name, enum found (*read)(struct reader *, struct record *),
    void (*write)(struct buf *, const struct shape *, const struct record *))
{
	struct record record;
	struct buf out, want;
	unsigned i, good = 0, began = seed;

	for (i = 0; i < 1000; i++) {
		record_begin(&record, 0);
		record.given = CONTACT;
		record.value[COLUMN_ID] = arena_printf(arena, "%u", chance(1000000));
		record.value[COLUMN_USERNAME] = any_text(true);
		record.value[COLUMN_NAME] = any_text(false);
		record.value[COLUMN_EMAIL] = any_text(true);
		record.value[COLUMN_PHONE] = any_text(true);
		buf_init(&out, arena, 0);
		if (write == csv_write)
			csv_write_header(&out, CONTACT);
		write(&out, &of_one, &record);
		buf_init(&want, arena, 0);
		record.line = write == csv_write ? 2 : 1;
		tell(&want, &record, FOUND_RECORD);
		good += strcmp(all(&of_one, read, out.data, out.len), want.data) == 0;
	}
	ok(good == i, "%s: %u of %u come back (seed %u)", name, good, i, began);
}

/* Good texts, with bytes that are changed, doubled and cut by chance: the sanitizers say whether it hurt. */
static void
test_damage(const char *name, enum found (*read)(struct reader *, struct record *), const char *text)
{
	size_t len = strlen(text), at, n;
	char bytes[4096];
	unsigned i, began = seed;

	for (i = 0; i < ROUNDS; i++) {
		memcpy(bytes, text, len);
		for (n = chance(8); n > 0; n--)
			bytes[chance((unsigned)len)] =
			    chance(2) ? (char)chance(256) : *pieces[chance(sizeof(pieces) / sizeof(pieces[0]))];
		at = chance((unsigned)len);
		n = chance((unsigned)(len - at) + 1);
		memmove(bytes + at, bytes + at + n / 2, len - at - n / 2);
		all(read == card_read ? &of_one : &contacts, read, bytes, len - n / 2);
		if (i % 100 == 0)
			arena_reset(arena);
	}
	ok(true, "%s: %u damaged texts (seed %u)", name, i, began);
}

#define EACH(cases, shape, read)                                                                                                   \
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)                                                                     \
	is(all(&(shape), read, cases[i].text, strlen(cases[i].text)), cases[i].want, cases[i].name)

int
main(void)
{
	size_t i;

	arena = arena_new(256 * 1024 * 1024);
	EACH(csv, contacts, csv_read);
	EACH(jsonl, contacts, jsonl_read);
	EACH(card, of_one, card_read);
	EACH(person, people, csv_read);
	is(all(&contacts, csv_read, H "a,1,A\0n\n", sizeof(H "a,1,A\0n\n") - 1), "2! there is a NUL in name|", "a NUL in CSV");
	is(all(&contacts, jsonl_read, "{\"id\":1}\0\n", 10), "1! there is a NUL in the line|", "a NUL in JSON");
	is(all(&of_one, csv_read, H, strlen(H)), "", "one owner, and nothing else");
	is(all(&of_one, csv_read, H "a,1,A\n", strlen(H "a,1,A\n")), "2! it names an owner, and so does --owner|", "two owners");
	test_long();
	test_round_trip("CSV", csv_read, csv_write);
	test_round_trip("JSON", jsonl_read, jsonl_write);
	test_round_trip("vCard", card_read, card_write);
	test_damage("CSV", csv_read, H "a,1,\"A \"\"n\"\"\nn\"\r\nb,2,B\nc,3,\n\nd,4,\"D\"\n");
	test_damage("JSON", jsonl_read,
	    "{\"owner\":\"a\",\"id\":1,\"name\":\"A\\ud83d\\ude00\"}\n{\"owner_id\":5,\"id\":\"2\",\"email\":null}\n");
	test_damage("vCard", card_read,
	    "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:1\r\nFN;PREF=1:A\r\n n\\,\\n\r\nNICKNAME:a,b\r\n"
	    "item1.TEL;VALUE=uri;TYPE=\"a:b\":tel:1\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:B\r\nEND:VCARD\r\n");
	json_object_put(reader.object);
	json_tokener_free(reader.tokener);
	arena_free(arena);
	return tap_end();
}
