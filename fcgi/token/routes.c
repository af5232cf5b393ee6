/* SPDX-License-Identifier: ISC */
/* What a client's machine calls, path by path. */
#include "config.h"

#include <stddef.h>

#include "oauth/answer.h"
#include "token/handlers.h"

const struct route token_routes[] = {
	{ "/token", POST, token, answer_oauth_error },
	{ "/profile", GET | POST, profile, profile_refused },
	{ NULL, 0, NULL, answer_oauth_error },
};
