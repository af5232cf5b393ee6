/* SPDX-License-Identifier: ISC */
/* What a client hands back to go on: the cursor of a next page, and the mark of a sync.  Texts that nobody can forge; what stands in them is
 * no secret from whoever may have the contacts. */
#ifndef POSTERN_CURSOR_H
#define POSTERN_CURSOR_H

#include <stdbool.h>

struct arena;
struct request;

/* A pass over contacts, from its first page to its last. */
enum pass { PASS_ID = 'i', PASS_NAME = 'n', PASS_SEARCH = 'q', PASS_SYNC = 's' };

struct cursor {
	enum pass pass;
	const char *owner;       /* whose contacts; the statement compares it with the token's person */
	const char *database;    /* its identity when the pass began: in another the snapshots mean nothing; NULL: none */
	const char *horizon;     /* snapshot at the beginning of the pass: what its end gives out as a mark; NULL: none */
	const char *since;       /* PASS_SYNC: changes after this snapshot */
	const char *at[2];       /* after which row the next page goes on: id; word, id; transaction, number */
};

/* A snapshot as a cursor or mark holds it.  Its text grows with the transactions that run; what is longer than some counts as
 * taken before the oldest of them: then changes are told twice, and none is lost. */
const char *cursor_snapshot(struct arena *, const char *snapshot);

/* A cursor as text: what it holds and a tag over that and what it is bound to (the parameters of the query), which names its
 * key. */
const char *cursor_spell(struct request *, const struct cursor *, const char *bound);
/* False for one that we did not make, or made for another query. */
bool cursor_parse(struct request *, const char *text, const char *bound, struct cursor *ret);

/* Since when a client knows all contacts of an owner. */
struct mark {
	const char *owner;
	const char *database;
	const char *snapshot;
};

const char *cursor_spell_mark(struct request *, const struct mark *);
bool cursor_parse_mark(struct request *, const char *text, struct mark *ret);

#endif
