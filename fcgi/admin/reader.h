/* SPDX-License-Identifier: ISC */
/* The readers of the three formats: record after record of a stream, none of which takes more memory than READER_TEXT. */
#ifndef POSTERN_READER_H
#define POSTERN_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "admin/input.h"
#include "admin/record.h"

struct json_object;
struct json_tokener;

enum { READER_TEXT = 64 * 1024, READER_FIELDS = 64 };

struct reader {
	const struct shape *shape;
	struct input in;
	char text[READER_TEXT];               /* of the record */
	size_t len;
	bool cut;                             /* it has more than that */
	enum column fields[READER_FIELDS];    /* csv: the header's columns */
	size_t count;
	struct json_tokener *tokener;         /* jsonl */
	struct json_object *object;           /* the record's values are its */
	bool lost;                            /* vcard: between cards, in what is none */
};

/* Each reads the next record.  A bad one has its reason, and the next call reads on after it. */
enum found csv_read(struct reader *, struct record *);
enum found jsonl_read(struct reader *, struct record *);
enum found card_read(struct reader *, struct record *);

/* CSV begins with its header, which names the columns.  False, and why it can't be used. */
bool csv_header(struct reader *, char *why, size_t size);

/* Adds a byte to the record's text, where there is room; returns where it stands. */
static inline void
reader_add(struct reader *r, int c)
{
	if (r->len < READER_TEXT - 1)
		r->text[r->len++] = (char)c;
	else
		r->cut = true;
}

#endif
