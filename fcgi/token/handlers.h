/* SPDX-License-Identifier: ISC */
/* The endpoints that a client's machine calls, one file each; the table is routes.c. */
#ifndef POSTERN_TOKEN_HANDLERS_H
#define POSTERN_TOKEN_HANDLERS_H

#include <stdbool.h>

#include "http/error.h"
#include "http/route.h"

struct arena;
struct client_auth;
struct request;
struct rows;

extern const struct route token_routes[];

/* What every refusal goes through: a failed client authentication is counted, whatever the endpoint, and is ERR_TOO_MANY_GUESSES where
 * there were too many from its address.  Any other error comes back as it is. */
enum err client_failure(struct request *, enum err);

bool origin_allowed(struct request *, const char *origin);
enum err token(struct request *);       /* POST /token */
enum err par(struct request *);         /* POST /par */
enum err device_authorization(struct request *);        /* POST /device_authorization */
enum err profile(struct request *);     /* GET, POST /profile */
void profile_refused(struct request *, enum err);
enum err check(struct request *);       /* nginx's question before it serves what is protected */
void check_refused(struct request *, enum err);
enum err revoke(struct request *);      /* POST /revoke */
enum err introspect(struct request *);  /* POST /introspect */
enum err metadata_server(struct request *);     /* GET /.well-known/oauth-authorization-server */
enum err metadata_own(struct request *);        /* what nginx serves at the metadata's path of a protected resource */
enum err metadata_profile(struct request *);    /* GET /.well-known/oauth-protected-resource/profile */

/* All of the grant types, separated by single spaces. */
const char *token_grant_types(struct arena *);

/* The grant types of /token, a file each; the client's word about itself is already read. */
enum err token_code(struct request *, const struct client_auth *);
enum err token_client(struct request *, const struct client_auth *);
enum err token_device(struct request *, const struct client_auth *);
enum err token_refresh(struct request *, const struct client_auth *);

/* Their successful answer (RFC 6749 5.1): expires_in and scope are columns of the row; no refresh token: NULL. */
void token_reply(struct request *, const struct rows *, const char *access_token, const char *refresh_token);

#endif
