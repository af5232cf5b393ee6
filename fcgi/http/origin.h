/* SPDX-License-Identifier: ISC */
/* An origin as a browser spells it (RFC 6454 6.2): scheme://host[:port]. */
#ifndef POSTERN_ORIGIN_H
#define POSTERN_ORIGIN_H

#include <stdbool.h>

/* https, or http on 127.0.0.1, [::1] or localhost; a host in small letters; a port only where it is not the scheme's own.  On failure
 * *ret_why says what is wrong. */
bool origin_valid(const char *origin, const char **ret_why);

#endif
