/* SPDX-License-Identifier: ISC */
/* The endpoints that a client's machine calls, one file each; the table is routes.c. */
#ifndef POSTERN_TOKEN_HANDLERS_H
#define POSTERN_TOKEN_HANDLERS_H

#include "http/error.h"
#include "http/route.h"

struct arena;
struct client_auth;
struct request;

extern const struct route token_routes[];

enum err token(struct request *);       /* POST /token */
enum err profile(struct request *);     /* GET, POST /profile */
void profile_refused(struct request *, enum err);
enum err revoke(struct request *);      /* POST /revoke */
enum err introspect(struct request *);  /* POST /introspect */
enum err metadata_server(struct request *);     /* GET /.well-known/oauth-authorization-server */
enum err metadata_profile(struct request *);    /* GET /.well-known/oauth-protected-resource/profile */

/* All of the grant types, separated by single spaces. */
const char *token_grant_types(struct arena *);

/* A grant type of /token, the client's word about itself already read. */
enum err token_code(struct request *, const struct client_auth *);

#endif
