/* SPDX-License-Identifier: ISC */
/* What import and export have in common: formats, and whose people and contacts in this database. */
#ifndef POSTERN_EXCHANGE_H
#define POSTERN_EXCHANGE_H

#include <stdbool.h>

#include "admin/reader.h"
#include "admin/writer.h"

struct format {
	const char *name;
	const char *endings[2];    /* of a file's name */
	bool one_owner;            /* it has contacts of one owner, and no people */
	enum found (*read)(struct reader *, struct record *);
	void (*write)(struct buf *, const struct shape *, const struct record *);
};

struct exchange {
	bool contacts;
	const struct format *format;
	const char *owner;       /* NULL: each contact's own */
	const char *owner_id;    /* the same, found in the database by exchange_shape */
};

/* The format of that name; another name ends the tool.  NULL: a file of that name may be of any. */
const struct format *exchange_format(const char *name);
const struct format *exchange_format_of_file(const char *file);

/* Ends the tool where format and owner don't go together. */
void exchange_check(const struct exchange *);

/* What the records have.  Ends the tool where the directory is not the shipped one, or has no such owner. */
struct shape exchange_shape(struct exchange *);

#endif
