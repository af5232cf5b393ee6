/* SPDX-License-Identifier: ISC */
/* Which form of an answer the client wants: the Accept header (RFC 9110 12.5.1). */
#ifndef POSTERN_ACCEPT_H
#define POSTERN_ACCEPT_H

#include <stddef.h>

/* The one of n media types that the header (NULL: none, all are welcome) wants most, as its number; of equal ones the first; -1
 * where it wants none of them.  An offer holds all parameters that a client may name ("text/vcard;version=4.0"), in small letters
 * and without spaces. */
int accept_choose(const char *header, const char *const *offers, size_t n);

#endif
