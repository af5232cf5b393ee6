/* SPDX-License-Identifier: ISC */
/* What a client's machine calls, path by path. */
#include "config.h"

#include <stddef.h>

#include "oauth/answer.h"
#include "token/handlers.h"

const struct route token_routes[] = {
	{ "/token", POST, token, answer_oauth_error },
	{ "/par", POST, par, answer_oauth_error },
	{ "/device_authorization", POST, device_authorization, answer_oauth_error },
	{ "/profile", GET | POST, profile, profile_refused },
	{ "/revoke", POST, revoke, answer_oauth_error },
	{ "/introspect", POST, introspect, answer_oauth_error },
	{ "/.well-known/oauth-authorization-server", GET, metadata_server, answer_oauth_error },
	{ "/.well-known/oauth-protected-resource/profile", GET, metadata_profile, answer_oauth_error },
	{ NULL, 0, NULL, answer_oauth_error },
};
