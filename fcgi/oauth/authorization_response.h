/* SPDX-License-Identifier: ISC */
/* The answer to an authorization request, at the client's redirect_uri (RFC 6749 4.1.2, 4.1.2.1, RFC 9207). */
#ifndef POSTERN_AUTHORIZATION_RESPONSE_H
#define POSTERN_AUTHORIZATION_RESPONSE_H

#include "http/error.h"

struct request;

/* Redirects with the code, or, where code is NULL, with the error; with state as it came and our issuer.  The redirect_uri must
 * have been found registered; its own query stays. */
void authorization_response(struct request *, const char *redirect_uri, const char *state, const char *code, enum err);

#endif
