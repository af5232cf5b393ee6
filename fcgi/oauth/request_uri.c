/* SPDX-License-Identifier: ISC */
/* The request_uri of a pushed request (RFC 9126 2.2): a fixed beginning, and an opaque value of ours. */
#include "config.h"

#include "oauth/request_uri.h"

#include <string.h>

#include "base/arena.h"

static const char URN[] = "urn:ietf:params:oauth:request_uri:";

bool
request_uri_ours(const char *uri)
{
	return strncmp(uri, URN, sizeof(URN) - 1) == 0;
}

void
request_uri_parse(struct opaque *ret, struct arena *arena, const char *uri)
{
	opaque_parse(ret, arena, OPAQUE_PUSHED, uri + sizeof(URN) - 1);
}

const char *
request_uri_spell(const struct opaque_new *new, struct arena *arena, const char *slot)
{
	return arena_printf(arena, "%s%s", URN, opaque_spell(new, arena, slot));
}
