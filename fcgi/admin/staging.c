/* SPDX-License-Identifier: ISC */
/* The way of records into the database: all of them into a temporary table by COPY, where it is judged what becomes of each; then
 * those that make a difference, in batches.
 *
 * A COPY is begun when its rows are all there: a transaction that waited for a slow pipe would hold up vacuum, and the marks of sync.
 * The batches follow the key of the table that they go to, for the sake of its indexes, and of others who lock rows in that order. */
#include "config.h"

#include "admin/staging.h"

#include <stdio.h>
#include <string.h>

#include "admin/database.h"
#include "admin/postern.h"
#include "admin/progress.h"
#include "admin_sql.h"
#include "base/text.h"

enum { CHUNK = 1024 * 1024, ROW_MAX = 16 * 1024, BATCH = 10000 };

struct step {
	int statement;
	bool fresh, counts; /* it writes new ones, else changed ones; what it writes is not counted elsewhere */
	bool once;          /* not for each batch, and whatever there is to do */
};

static const struct way {
	int stage, copy, judge;
	unsigned columns; /* of the temporary table, after line and given */
	const char *what, *event;
	size_t count;
	struct step steps[5];
} ways[] = {
	{ SQL_IMPORT_PEOPLE_STAGE, SQL_IMPORT_PEOPLE_COPY, SQL_IMPORT_PEOPLE_JUDGE,
	    1U << COLUMN_ID | 1U << COLUMN_USERNAME | 1U << COLUMN_PASSWORD_HASH | 1U << COLUMN_NAME | 1U << COLUMN_EMAIL |
	        1U << COLUMN_ACTIVE,
	    "people", "import_people", 5,
	    { { SQL_IMPORT_PEOPLE_NEW, true, true, false }, { SQL_IMPORT_PEOPLE_SEQUENCE, true, false, true },
	        { SQL_IMPORT_PEOPLE_NUMBERED, true, true, false }, { SQL_IMPORT_PEOPLE_CHANGED, false, true, false },
	        { SQL_IMPORT_PEOPLE_HASHES, false, false, false } } },
	{ SQL_IMPORT_CONTACTS_STAGE, SQL_IMPORT_CONTACTS_COPY, SQL_IMPORT_CONTACTS_JUDGE,
	    1U << COLUMN_OWNER_ID | 1U << COLUMN_OWNER | 1U << COLUMN_ID | 1U << COLUMN_USERNAME | 1U << COLUMN_NAME |
	        1U << COLUMN_EMAIL | 1U << COLUMN_PHONE,
	    "contacts", "import_contacts", 2,
	    { { SQL_IMPORT_CONTACTS_NEW, true, true, false }, { SQL_IMPORT_CONTACTS_CHANGED, false, true, false } } },
};

static const struct way *way;
static char chunk[CHUNK];
static size_t filled;

void
staging_begin(bool contacts)
{
	way = &ways[contacts];
	database_run_script(way->stage);
}

static void
flush(void)
{
	if (filled > 0)
		database_copy(way->copy, chunk, filled);
	filled = 0;
}

/* A value in the text format of COPY, with what ends it. */
static void
add_value(const char *value, char end)
{
	static const char special[] = "\\\n\r\t", escape[] = "\\nrt";
	const char *p;

	if (value == NULL) {
		chunk[filled++] = '\\';
		chunk[filled++] = 'N';
		value = "";
	}
	for (; *value != '\0'; value++) {
		if ((p = strchr(special, *value)) != NULL) {
			chunk[filled++] = '\\';
			chunk[filled++] = escape[p - special];
		} else
			chunk[filled++] = *value;
	}
	chunk[filled++] = end;
}

void
staging_add(const struct record *r, const char *owner_id)
{
	const char *value[COLUMNS];
	unsigned c, left;

	if (filled > sizeof(chunk) - ROW_MAX)
		flush();
	memcpy(value, r->value, sizeof(value));
	if (owner_id != NULL)
		value[COLUMN_OWNER_ID] = owner_id;
	filled += (size_t)snprintf(chunk + filled, ROW_MAX, "%lld\t%u\t", (long long)r->line, r->given);
	for (c = 0, left = way->columns; left != 0; c++) {
		if (!(left & 1U << c))
			continue;
		left &= ~(1U << c);
		add_value(value[c], left == 0 ? '\n' : '\t');
	}
}

static int64_t
count(const PGresult *counts, const char *column)
{
	int64_t n = 0;

	if (!text_number(database_get(counts, 0, column), 0, INT64_MAX, &n))
		return 0;
	return n;
}

struct staging_counts
staging_judge(void)
{
	const PGresult *counts;

	flush();
	database_run_script(way->judge);
	counts = database_execute(SQL_IMPORT_COUNTS, NULL, 0);
	return (struct staging_counts){
		.bad = count(counts, "bad"),
		.fresh = count(counts, "new"),
		.changed = count(counts, "changed"),
		.same = count(counts, "same"),
		.last = count(counts, "last"),
	};
}

void
staging_bad(int64_t wanted, void (*tell)(int64_t line, const char *why))
{
	const PGresult *rows = database_run(SQL_IMPORT_BAD, text_decimal(tool_arena, wanted));
	int64_t line = 0;
	int row;

	for (row = 0; row < PQntuples(rows); row++) {
		text_number(database_get(rows, row, "line"), 0, INT64_MAX, &line);
		tell(line, database_get(rows, row, "reason"));
	}
}

/* One step for all batches; *written is for the bar, too. */
static void
take_step(const struct step *step, int64_t last, int64_t *written)
{
	char from[24], to[24];
	const char *const range[] = { from, to };
	int64_t n, done;

	if (step->once) {
		database_number(step->statement, "last", NULL, 0);
		return;
	}
	for (n = 0; n < last; n += BATCH) {
		snprintf(from, sizeof(from), "%lld", (long long)n);
		snprintf(to, sizeof(to), "%lld", (long long)n + BATCH);
		done = database_number(step->statement, "written", range, 2);
		*written += step->counts ? done : 0;
		progress_at(*written, *written);
	}
}

int64_t
staging_write(const struct staging_counts *counts, bool whole, const char *owner_id, const char *detail)
{
	const struct step *step;
	int64_t written = 0;

	if (whole)
		database_script("begin", "import");
	database_run(SQL_IMPORT_AUDIT, way->event, owner_id, detail);
	progress_begin(way->what, counts->fresh + counts->changed);
	for (step = way->steps; step < way->steps + way->count; step++) {
		if ((step->fresh ? counts->fresh : counts->changed) > 0)
			take_step(step, counts->last, &written);
	}
	if (whole)
		database_script("commit", "import");
	progress_end();
	return written;
}
