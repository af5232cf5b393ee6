/* SPDX-License-Identifier: ISC */
/* The resources that tokens are for (RFC 8707): absolute URIs outside, short names inside. */
#include "config.h"

#include "oauth/resource.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "http/request.h"
#include "oauth/opaque.h"
#include "server/settings.h"

static const char PROFILE[] = "profile", CONTACTS[] = "contacts";

const char *
resource_uri(struct request *rq, const char *name)
{
	if (strchr(name, ':') != NULL)
		return name;
	if (strcmp(name, CONTACTS) == 0)
		return rq->settings->contacts_url;
	return arena_printf(rq->arena, "%s/%s", rq->settings->issuer, name);
}

const char *
resource_uris(struct request *rq, const char *names)
{
	struct buf uris;
	size_t n;

	buf_init(&uris, rq->arena, 256);
	for (; *names != '\0'; names += n + (names[n] == ' ')) {
		n = strcspn(names, " ");
		buf_str(&uris, uris.len == 0 ? "" : " ");
		buf_str(&uris, resource_uri(rq, arena_strndup(rq->arena, names, n)));
	}
	return uris.data;
}

const char *
resource_metadata_uri(struct request *rq, const char *uri)
{
	const char *host = strstr(uri, "://") + strlen("://"), *path = host + strcspn(host, "/");

	return arena_printf(rq->arena, "%.*s/.well-known/oauth-protected-resource%s", (int)(path - uri), uri, path);
}

/* An absolute URI without fragment (RFC 8707 2) is a word with a colon, which no short name has.  It will stand in the log. */
static bool
maybe_uri(const char *text)
{
	const char *p;

	for (p = text; *p > ' ' && *p <= '~' && *p != '#'; p++)
		continue;
	return *p == '\0' && strchr(text, ':') != NULL && !opaque_inside(text);
}

/* The word for it, NULL: it is no resource. */
static const char *
word_for(struct request *rq, const char *uri)
{
	if (strcmp(uri, resource_uri(rq, PROFILE)) == 0)
		return PROFILE;
	if (strcmp(uri, resource_uri(rq, CONTACTS)) == 0)
		return CONTACTS;
	return maybe_uri(uri) ? uri : NULL;
}

enum err
resource_names(struct request *rq, const char **ret_names)
{
	const char *uri, *word;
	struct buf names;
	size_t pos = 0;

	buf_init(&names, rq->arena, 256);
	while ((uri = form_next(rq->form, "resource", &pos)) != NULL) {
		if ((word = word_for(rq, uri)) == NULL)
			return refuse_value(rq, ERR_INVALID_TARGET, "resource", uri);
		buf_str(&names, names.len == 0 ? "" : " ");
		buf_str(&names, word);
	}
	*ret_names = names.len == 0 ? NULL : names.data;
	return OK;
}
