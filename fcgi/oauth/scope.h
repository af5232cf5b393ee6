/* SPDX-License-Identifier: ISC */
/* The scope parameter (RFC 6749 3.3). */
#ifndef POSTERN_SCOPE_H
#define POSTERN_SCOPE_H

#include <stdbool.h>

/* scope = scope-token *( SP scope-token ); scope-token = 1*( %x21 / %x23-5B / %x5D-7E ); and none of our secrets is in it,
 * since a statement's parameters may be logged. */
bool scope_valid(const char *);

#endif
