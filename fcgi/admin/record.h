/* SPDX-License-Identifier: ISC */
/* A person or a contact as a line of a file tells it, and what is allowed in it. */
#ifndef POSTERN_RECORD_H
#define POSTERN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of the staging tables' columns (import_people_stage.sql, import_contacts_stage.sql). */
enum column {
	COLUMN_OWNER_ID,         /* whose contact: an account's id, */
	COLUMN_OWNER,            /* or its user name */
	COLUMN_ID,
	COLUMN_USERNAME,
	COLUMN_PASSWORD_HASH,
	COLUMN_NAME,
	COLUMN_EMAIL,
	COLUMN_PHONE,
	COLUMN_ACTIVE,
	COLUMNS
};

enum id_type { ID_INTEGER, ID_BIGINT, ID_UUID, ID_TEXT };

/* What records have: of people or of contacts, in this database. */
struct shape {
	const char *what;        /* "people", "contacts" */
	unsigned columns;        /* a bit for each that they can have */
	bool contacts;
	bool owner_given;        /* all are of one owner, whom the file does not name */
	enum id_type owner_type, id_type;
};

struct record {
	int64_t line;                 /* where it begins */
	unsigned given;               /* a bit for each column that it names */
	const char *value[COLUMNS];   /* NULL: no value */
	char why[160];                /* not empty: it is a bad one */
};

/* What a format's reader found.  BROKEN: nothing after it can be read, why says so. */
enum found { FOUND_RECORD, FOUND_BAD, FOUND_BROKEN, FOUND_END };

/* The name of a column, and the column of a name in any case; COLUMNS: there is none of that name for these records. */
const char *record_column_name(enum column);
enum column record_column(const struct shape *, const char *name, size_t len);

void record_begin(struct record *, int64_t line);

/* The record is bad; the first reason stays. */
void record_bad(struct record *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Gives a column its value, NUL-terminated, which must live as long as the record is used.  An empty one is none. */
void record_put(struct record *, enum column, const char *text, size_t len);

/* The whole: what must be there is there, and ids are of their type.  FOUND_RECORD or FOUND_BAD. */
enum found record_judge(const struct shape *, struct record *);

/* The spelling is the one that PostgreSQL gives an id of that type. */
bool record_is_id(enum id_type, const char *);

#endif
