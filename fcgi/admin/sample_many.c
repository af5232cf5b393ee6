/* SPDX-License-Identifier: ISC */
/* Any number of sample people and contacts, to see how a large directory does. */
#include "config.h"

#include "admin/sample_many.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/database.h"
#include "admin/postern.h"
#include "admin/progress.h"
#include "admin_sql.h"
#include "base/arena.h"

enum {
	SAMPLE = 4,               /* people that are there already */
	LARGE = 100000, MIDDLE = 1000,
	CHUNK = 512 * 1024, ROW_MAX = 1024
};

/* As people are called, and how that looks in a user name. */
static const struct name {
	const char *said, *plain;
} given[] = {
	{ "Aïcha", "aicha" }, { "Anna", "anna" }, { "Bjørn", "bjorn" }, { "Carlos", "carlos" }, { "Chloé", "chloe" }, { "Dörte", "doerte" },
	{ "Ewa", "ewa" }, { "Fatima", "fatima" }, { "Giulia", "giulia" }, { "Håkon", "hakon" }, { "Ivan", "ivan" }, { "Ольга", "olga" },
	{ "João", "joao" }, { "Κώστας", "kostas" }, { "Lærke", "laerke" }, { "Mehmet", "mehmet" }, { "Noor", "noor" }, { "Oliver", "oliver" },
	{ "Priya", "priya" }, { "Quentin", "quentin" }, { "Rosa", "rosa" }, { "Søren", "soren" }, { "Tomáš", "tomas" }, { "Ülkü", "ulku" },
	{ "Victoria", "victoria" }, { "Wen", "wen" }, { "Xavier", "xavier" }, { "陽子", "yoko" }, { "Zoë", "zoe" }, { "Şule", "sule" },
	{ "Mary", "mary" },
}, family[] = {
	{ "Andersson", "andersson" }, { "Bianchi", "bianchi" }, { "Çelik", "celik" }, { "Díaz", "diaz" }, { "Ekström", "ekstrom" },
	{ "Fischer", "fischer" }, { "García", "garcia" }, { "Hansen", "hansen" }, { "Ibrahim", "ibrahim" }, { "Иванова", "ivanova" },
	{ "Jansen", "jansen" }, { "Kowalski", "kowalski" }, { "Łukasiewicz", "lukasiewicz" }, { "Müller", "mueller" }, { "Nguyễn", "nguyen" },
	{ "O'Brien", "obrien" }, { "Παπαδόπουλος", "papadopoulos" }, { "Quist", "quist" }, { "Rossi", "rossi" }, { "Smith", "smith" },
	{ "Šimić", "simic" }, { "Tanaka", "tanaka" }, { "Ueda", "ueda" }, { "van den Berg", "vandenberg" }, { "Wang", "wang" }, { "Yılmaz", "yilmaz" },
	{ "Zieliński", "zielinski" }, { "Østergård", "ostergard" }, { "Smith-Jones", "smithjones" },
};

enum { GIVEN = sizeof(given) / sizeof(given[0]), FAMILY = sizeof(family) / sizeof(family[0]) };

static char chunk[CHUNK];
static size_t filled;

const char *
sample_id(const char *type, int64_t n)
{
	if (strcmp(type, "uuid") == 0)
		return arena_printf(tool_arena, "00000000-0000-4000-8000-%012" PRId64, n);
	return arena_printf(tool_arena, "%" PRId64, n);
}

static void
flush(int statement)
{
	if (filled > 0)
		database_copy(statement, chunk, filled);
	filled = 0;
}

/* Writes an id as COPY reads it: as sample_id, without memory that lives on. */
static void
add_id(const char *type, int64_t n)
{
	filled += (size_t)snprintf(chunk + filled, CHUNK - filled,
	    strcmp(type, "uuid") == 0 ? "00000000-0000-4000-8000-%012" PRId64 "\t" : "%" PRId64 "\t", n);
}

/* The nth name: user name, password hash or telephone number, name, e-mail address, and what ends the row.  What repeats has a number
 * behind it. */
static void
add_person(int64_t n, const char *third, const char *end)
{
	const struct name *first = &given[n % GIVEN], *last = &family[n / GIVEN % FAMILY];
	int64_t again = n / (GIVEN * FAMILY);

	filled += (size_t)snprintf(chunk + filled, CHUNK - filled, "%s.%s%" PRId64 "\t%s\t%s %s\t%s.%s%" PRId64 "@example.org%s", first->plain,
	    last->plain, again, third, first->said, last->said, first->plain, last->plain, again, end);
}

static void
add_people(const struct sample_many *many, const char *password_hash)
{
	int64_t n;

	progress_begin("people", many->people);
	for (n = SAMPLE + 1; n <= many->people; n++) {
		add_id(many->account_type, n);
		add_person(n, password_hash, "\ttrue\n");
		if (filled > CHUNK - ROW_MAX)
			flush(SQL_SAMPLE_PEOPLE_COPY);
		progress_at(n, n);
	}
	flush(SQL_SAMPLE_PEOPLE_COPY);
	progress_end();
}

/* The contacts from first on of one person. */
static void
add_contacts(const struct sample_many *many, int64_t owner, int64_t first, int64_t count)
{
	char phone[24];
	int64_t n;

	for (n = first; n < first + count; n++) {
		add_id(many->account_type, owner);
		add_id(many->contact_type, n);
		snprintf(phone, sizeof(phone), "+49 30 %07" PRId64, n * 7919 % 10000000);
		add_person(n * 7 + owner, phone, "\n");
		if (filled > CHUNK - ROW_MAX)
			flush(SQL_SAMPLE_CONTACTS_COPY);
		progress_at(n, n);
	}
}

/* The contacts of whoever is neither large nor middle: all alike, but for one more of the first. */
static int64_t
share(int64_t contacts, int64_t people, int64_t nth)
{
	return contacts / people + (nth < contacts % people ? 1 : 0);
}

void
sample_many(const struct sample_many *many, const char *password_hash)
{
	int64_t large = many->contacts / 10 / LARGE, middle = many->contacts * 4 / 10 / MIDDLE, first = 1, owner, count, others, people;

	add_people(many, password_hash);
	people = many->people - SAMPLE;
	if (large + middle >= people)
		large = middle = 0;
	people -= large + middle;
	others = many->contacts - large * LARGE - middle * MIDDLE;
	progress_begin("contacts", many->contacts);
	for (owner = 0; owner < large + middle + people; owner++, first += count) {
		count = owner < large ? LARGE : owner < large + middle ? MIDDLE : share(others, people, owner - large - middle);
		add_contacts(many, SAMPLE + 1 + owner, first, count);
	}
	flush(SQL_SAMPLE_CONTACTS_COPY);
	progress_end();
}
