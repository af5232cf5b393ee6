/* SPDX-License-Identifier: ISC */
/* Cookies (RFC 6265): one value of the Cookie header, and a Set-Cookie of ours. */
#include "config.h"

#include "http/cookie.h"

#include <string.h>

#include "base/arena.h"
#include "http/request.h"
#include "http/response.h"

const char *
cookie_get(struct request *rq, const char *name)
{
	const char *p = request_header(rq, "COOKIE");
	size_t n = strlen(name), len;

	for (; p != NULL && *p != '\0'; p += len + (p[len] == ';')) {
		p += strspn(p, " \t");
		len = strcspn(p, ";");
		if (len > n && p[n] == '=' && strncmp(p, name, n) == 0)
			return arena_strndup(rq->arena, p + n + 1, len - n - 1);
	}
	return NULL;
}

void
cookie_set(struct request *rq, const char *name, const char *value)
{
	response_header(rq, "Set-Cookie", arena_printf(rq->arena, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax", name, value));
}

void
cookie_clear(struct request *rq, const char *name)
{
	response_header(rq, "Set-Cookie",
	    arena_printf(rq->arena, "%s=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0", name));
}
