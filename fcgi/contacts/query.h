/* SPDX-License-Identifier: ISC */
/* What a request for contacts asks for: its parameters, and the form of the answer. */
#ifndef POSTERN_QUERY_H
#define POSTERN_QUERY_H

#include <stdbool.h>

#include "contacts/cursor.h"
#include "http/error.h"

struct database;
struct request;

struct query {
	bool vcard;              /* text/vcard is wanted, else application/json */
	unsigned int fields;     /* FIELDS_NONE: none were named */
	/* Of a page alone: */
	const char *limit;       /* for SQL: 1 to 1000; NULL: the client's own */
	const char *q;           /* what a word of the contacts begins with, or NULL */
	const char *q_end;       /* what comes after all words that begin so */
	bool begun;              /* a cursor came: the pass goes on */
	struct cursor cursor;    /* what came; where none did, pass (and for a sync owner, database and since) alone are set */
	const char *bound;       /* what its cursors are bound to */
	const struct database *database;    /* database_look now, NULL: it gives no marks */
};

/* Reads what a page needs (GET /contacts). */
enum err query_read(struct query *, struct request *);

/* Reads what one contact needs (GET /contacts/ID): form and fields. */
enum err query_read_one(struct query *, struct request *);

/* The address of the next page. */
const char *query_next(struct request *, const struct query *, const struct cursor *);

#endif
