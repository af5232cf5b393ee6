/* SPDX-License-Identifier: ISC */
/* The request_uri of a pushed request (RFC 9126 2.2): a fixed beginning, and an opaque value of ours. */
#ifndef POSTERN_REQUEST_URI_H
#define POSTERN_REQUEST_URI_H

#include <stdbool.h>

#include "oauth/opaque.h"

struct arena;

/* Of this form, whether it was ever given out or not: all others are none of ours. */
bool request_uri_ours(const char *);

/* Reads one of ours; a malformed one leaves all parts NULL. */
void request_uri_parse(struct opaque *, struct arena *, const char *);

const char *request_uri_spell(const struct opaque_new *, struct arena *, const char *slot);

#endif
