/* SPDX-License-Identifier: ISC */
/* What a client's machine calls, path by path. */
#include "config.h"

#include <stddef.h>

#include "oauth/answer.h"
#include "token/handlers.h"

const struct route token_routes[] = {
	{ "/token", POST | CORS_CLIENTS, token, answer_oauth_error },
	{ "/par", POST, par, answer_oauth_error },
	{ "/device_authorization", POST, device_authorization, answer_oauth_error },
	{ "/profile", GET | POST | CORS_CLIENTS, profile, profile_refused },
	{ "/check", GET, check, check_refused },
	{ "/revoke", POST | CORS_CLIENTS, revoke, answer_oauth_error },
	{ "/introspect", POST, introspect, answer_oauth_error },
	{ "/.well-known/oauth-authorization-server", GET | CORS_EVERYONE, metadata_server, answer_oauth_error },
	{ "/.well-known/oauth-protected-resource/profile", GET | CORS_EVERYONE, metadata_profile, answer_oauth_error },
	{ "/resource", GET | CORS_EVERYONE, metadata_own, answer_oauth_error },
	{ NULL, 0, NULL, answer_oauth_error },
};
