/* SPDX-License-Identifier: ISC */
/* Redirect URIs: which may be registered, and the one exception to comparing them as strings. */
#ifndef POSTERN_REDIRECT_URI_H
#define POSTERN_REDIRECT_URI_H

#include <stdbool.h>

struct arena;

/* An absolute ASCII URI without fragment and userinfo: https, or http on 127.0.0.1, [::1] or localhost, or a private-use scheme with
 * a dot (RFC 8252 7.1, 8.3).  On failure *ret_why says what is wrong (a text in the arena, or a constant one). */
bool redirect_uri_registrable(struct arena *, const char *uri, const char **ret_why);

/* For http on a loopback host the URI without its port, in the arena; else NULL: a native client listens where it can (RFC 8252
 * 7.3). */
char *redirect_uri_portless(struct arena *, const char *uri);

#endif
