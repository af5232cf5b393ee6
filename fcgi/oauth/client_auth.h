/* SPDX-License-Identifier: ISC */
/* Client authentication at the machine's endpoints (RFC 6749 2.3). */
#ifndef POSTERN_CLIENT_AUTH_H
#define POSTERN_CLIENT_AUTH_H

#include "http/error.h"

struct request;

struct client_auth {
	const char *client_id;
	const char *secret_digest;   /* for SQL; NULL: none sent, or not of the form of our secrets */
	const char *method;          /* how it came: "basic", "post" or "none" */
};

/* Reads what the client says of itself.  Whether it is true is for the statement to judge, together with all else.  Refuses more
 * than one way in a request, and credentials in the URI (RFC 6749 2.3, 2.3.1). */
enum err client_auth_read(struct client_auth *, struct request *);

#endif
