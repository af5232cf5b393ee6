/* SPDX-License-Identifier: ISC */
/* Rows of a result, by their columns' names. */
#include "config.h"

#include "db/rows.h"

#include <stdlib.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/log.h"
#include "db/db.h"

struct rows {
	PGresult *result;
};

static void
clear_result(void *result)
{
	PQclear(result);
}

struct rows *
rows_new(struct arena *arena, PGresult *result)
{
	struct rows *rows = arena_alloc(arena, sizeof(*rows));

	arena_defer(arena, clear_result, result);
	rows->result = result;
	return rows;
}

size_t
rows_count(const struct rows *rows)
{
	return (size_t)PQntuples(rows->result);
}

int
rows_column(const struct rows *rows, const char *column)
{
	int i;

	if ((i = PQfnumber(rows->result, column)) < 0)
		log_fatal(EX_SOFTWARE, "defect", "what", "no such column", "column", column, NULL);
	return i;
}

const char *
rows_at(const struct rows *rows, size_t row, int column)
{
	return PQgetisnull(rows->result, (int)row, column) ? NULL : PQgetvalue(rows->result, (int)row, column);
}

const char *
rows_get(const struct rows *rows, size_t row, const char *column)
{
	return rows_at(rows, row, rows_column(rows, column));
}

bool
rows_numeric(const struct rows *rows, const char *column)
{
	enum { INT8 = 20, INT2 = 21, INT4 = 23 };    /* OIDs of pg_type, fixed for ever */
	Oid type = PQftype(rows->result, rows_column(rows, column));

	return type == INT2 || type == INT4 || type == INT8;
}

const char *
row_text(const struct rows *rows, const char *column)
{
	return rows_get(rows, 0, column);
}

int64_t
row_number(const struct rows *rows, const char *column)
{
	const char *text = row_text(rows, column);
	char *end;
	long long n;

	if (text == NULL || (n = strtoll(text, &end, 10), *end != '\0' || end == text))
		log_fatal(EX_SOFTWARE, "defect", "what", "no number", "column", column, NULL);
	return n;
}

bool
row_bool(const struct rows *rows, const char *column)
{
	const char *text = row_text(rows, column);

	return text != NULL && text[0] == 't';
}
