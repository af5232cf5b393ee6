/* SPDX-License-Identifier: ISC */
/* The parameters of an authorization request (RFC 6749 4.1.1), as /authorize and /par take them. */
#ifndef POSTERN_AUTHORIZATION_REQUEST_H
#define POSTERN_AUTHORIZATION_REQUEST_H

#include "http/error.h"

struct request;

/* What oauth.request_judged is asked about; each may be NULL. */
struct authorization_request {
	const char *client_id;
	const char *redirect_uri;
	const char *redirect_uri_portless;      /* where it is http on a loopback address (RFC 8252 7.3) */
	const char *state;                      /* as it came, once and whole; else NULL */
	const char *scope;
	const char *resources;
	const char *code_challenge;
};

/* Notes who asks, for the log; a secret in the place of the client_id is refused. */
enum err authorization_request_client(struct request *);

/* Reads client_id and redirect_uri: a fault of theirs is never told to the client's address, which isn't trusted yet. */
enum err authorization_request_party(struct authorization_request *, struct request *);

/* Reads the rest, whatever its result: OK, or the first fault, which the client may hear of where the redirect_uri is its own. */
enum err authorization_request_rest(struct authorization_request *, struct request *);

#endif
