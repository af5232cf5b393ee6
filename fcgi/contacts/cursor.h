/* SPDX-License-Identifier: ISC */
/* The opaque cursor of a page of contacts: after which contact of which owner the next page goes on. */
#ifndef POSTERN_CURSOR_H
#define POSTERN_CURSOR_H

#include <stdbool.h>

struct request;

struct cursor {
	const char *owner;     /* whose contacts; the statement compares it with the token's person */
	const char *after;     /* the id of the last contact shown */
};

/* A cursor as text: base64url of owner and id, and a tag over them that names its key, so that keys can rotate. */
const char *cursor_spell(struct request *, const struct cursor *);

/* False for one that we did not make. */
bool cursor_parse(struct request *, const char *text, struct cursor *ret);

#endif
