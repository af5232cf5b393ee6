/* SPDX-License-Identifier: ISC */
/* Access tokens at the resources (RFC 6750): where one is taken from, and how a refusal challenges. */
#ifndef POSTERN_BEARER_H
#define POSTERN_BEARER_H

#include "http/error.h"
#include "oauth/opaque.h"

struct request;

struct bearer {
	struct opaque token;
	const char *query;      /* for SQL: "true" when it came in the URI's query, else "false" */
};

/* Takes the token from the Authorization header, the form body of a POST, or the query (6750 2); more than one is refused, none is
 * ERR_TOKEN_MISSING.  A malformed one is ERR_INVALID_TOKEN, without a look-up. */
enum err bearer_read(struct bearer *, struct request *);

/* Likewise, but from the header alone; a token is empty too where there is none. */
enum err bearer_read_header(struct bearer *, struct request *);

/* Adds the WWW-Authenticate that belongs to this error (6750 3): where the metadata of the resource of this URI stands (RFC 9728 5.1),
 * and the scope that is needed here. */
void bearer_challenge(struct request *, enum err, const char *uri, const char *scope);

/* Adds what every answer to a token says of caches (6750 2.3): the query's token must not stay in a shared one. */
void bearer_cache(struct request *);

#endif
