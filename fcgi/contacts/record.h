/* SPDX-License-Identifier: ISC */
/* A row of contacts as it is shown: a JSON object or a vCard. */
#ifndef POSTERN_RECORD_H
#define POSTERN_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "contacts/fields.h"

struct json;
struct request;
struct rows;

/* What is looked up once for all rows of a result. */
struct record {
	const struct rows *rows;
	unsigned int fields;     /* those to show */
	int columns[FIELDS];
	int gone;                /* column that says that there is no such contact any more; -1: the result has none */
	bool numeric;            /* ids are numbers */
	struct buf uid;          /* of a vCard: the resource's URL, and then the id of the last one */
	size_t url_len;
};

/* gone: the result has a column of that name. */
void record_open(struct record *, struct request *, const struct rows *, unsigned int fields, bool gone);

bool record_gone(const struct record *, size_t row);

/* Adds one row.  What a contact has not is left out; of one that is gone there is the id, and "deleted". */
void record_json(const struct record *, struct json *, size_t row);
void record_vcard(struct record *, struct buf *, size_t row);

#endif
