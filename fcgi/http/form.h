/* SPDX-License-Identifier: ISC */
/* Parameters of a query or of a form body (application/x-www-form-urlencoded), decoded and checked once. */
#ifndef POSTERN_FORM_H
#define POSTERN_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "http/error.h"

struct arena;

enum {
	FORM_PARAMETERS = 64,       /* more of them are an error of the whole form */
	FORM_VALUE_MAX = 4096       /* bytes of one value, decoded */
};

struct form {
	struct {
		const char *name, *value;
		enum err fault;         /* OK, or what is wrong with this value */
	} parameters[FORM_PARAMETERS];
	size_t count;
	enum err fault;                 /* OK, or what is wrong with the whole */
};

/* Parses a text of len bytes.  A fault of one parameter is marked on it: an unknown parameter may be anything (RFC 6749 3.1), so
 * only who knows the name can say whether it matters. */
void form_parse(struct form *, struct arena *, const char *text, size_t len);

/* The value of a parameter without fault; NULL when it is missing or empty, which is the same (RFC 6749 3.1). */
const char *form_get(const struct form *, const char *name);

/* The parameter is there, in whatever state. */
bool form_has(const struct form *, const char *name);

/* The fault of a parameter: OK when it is missing, or there once and well-formed. */
enum err form_fault(const struct form *, const char *name);

/* The next value of a parameter that may be repeated (resource, RFC 8707 2), NULL after the last; *pos begins at 0.  Empty ones are
 * passed over, a faulty one comes as "". */
const char *form_next(const struct form *, const char *name, size_t *pos);

#endif
