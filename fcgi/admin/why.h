/* SPDX-License-Identifier: ISC */
/* What "postern why" finds of a request: a log's line explained, or a row of the database, as names and values in an order. */
#ifndef POSTERN_WHY_H
#define POSTERN_WHY_H

#include <stddef.h>

struct logline;

enum { FINDING_FIELDS = 20 };

struct finding {
	struct finding *next;
	const char *kind;  /* refusal, event, nginx, audit or failures: for machines */
	const char *title; /* for people */
	size_t count;
	struct {
		const char *name, *value;
	} fields[FINDING_FIELDS];
};

/* A new one, the last of all so far. */
struct finding *finding_new(const char *kind, const char *title);

/* A further field; none where the value is NULL or empty. */
void finding_add(struct finding *, const char *name, const char *value);

/* A finding of a line of ours, and of nginx's. */
void why_event(const struct logline *);
void why_nginx(const struct logline *);

#endif
