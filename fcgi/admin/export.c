/* SPDX-License-Identifier: ISC */
/* postern export people, contacts: the shipped directory to standard output, row after row as the database gives them. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/database.h"
#include "admin/exchange.h"
#include "admin/postern.h"
#include "admin/progress.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/buf.h"

static struct exchange
read_call(int argc, char **argv, bool contacts)
{
	static const struct option known[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "owner", required_argument, NULL, 'o' },
		{ 0 },
	};
	struct exchange x = { .contacts = contacts, .format = exchange_format("csv") };
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'f')
			x.format = exchange_format(optarg);
		else if (option == 'o')
			x.owner = optarg;
		else
			tool_usage("an option is wrong");
	}
	tool_no_more(argc, argv);
	exchange_check(&x);
	return x;
}

static void
put(struct buf *out)
{
	if (fwrite(out->data, 1, out->len, stdout) != out->len)
		tool_fail(EX_IOERR, "standard output could not be written");
	out->len = 0;
}

/* A row has the columns that are written. */
static struct record
record_of(const PGresult *row, unsigned columns)
{
	struct record r;
	unsigned c;

	record_begin(&r, 0);
	r.given = columns;
	for (c = 0; c < COLUMNS; c++) {
		if (columns & 1U << c)
			r.value[c] = database_get(row, 0, record_column_name((enum column)c));
		if (r.value[c] != NULL && *r.value[c] == '\0')
			r.value[c] = NULL;
	}
	return r;
}

static int
export_rows(struct exchange x)
{
	struct shape shape = exchange_shape(&x);
	unsigned columns = shape.columns & ~(1U << COLUMN_OWNER | 1U << COLUMN_PASSWORD_HASH);
	const PGresult *row;
	struct record record;
	struct buf out;
	int64_t n = 0;

	if (shape.owner_given)
		columns &= ~(1U << COLUMN_OWNER_ID);
	buf_init(&out, tool_arena, READER_TEXT);
	if (x.format->write == csv_write)
		csv_write_header(&out, columns);
	database_stream(x.contacts ? SQL_EXPORT_CONTACTS : SQL_EXPORT_PEOPLE, &x.owner_id, x.contacts ? 1 : 0);
	progress_begin(shape.what, 0);
	while ((row = database_next()) != NULL) {
		record = record_of(row, columns);
		x.format->write(&out, &shape, &record);
		if (out.len > READER_TEXT / 2)
			put(&out);
		progress_at(0, ++n);
	}
	put(&out);
	progress_end();
	return 0;
}

int
export_people(int argc, char **argv)
{
	return export_rows(read_call(argc, argv, false));
}

int
export_contacts(int argc, char **argv)
{
	return export_rows(read_call(argc, argv, true));
}
