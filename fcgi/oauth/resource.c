/* SPDX-License-Identifier: ISC */
/* The resources that tokens are for (RFC 8707): absolute URIs outside, short names inside. */
#include "config.h"

#include "oauth/resource.h"

#include <string.h>

#include "base/arena.h"
#include "http/request.h"
#include "server/settings.h"

static const char *
name_of(struct request *rq, const char *uri)
{
	if (strcmp(uri, arena_printf(rq->arena, "%s/profile", rq->settings->issuer)) == 0)
		return "profile";
	if (strcmp(uri, rq->settings->contacts_url) == 0)
		return "contacts";
	return NULL;
}

enum err
resource_names(struct request *rq, const char **ret_names)
{
	const char *uri, *name, *names = NULL;
	size_t pos = 0;

	while ((uri = form_next(rq->form, "resource", &pos)) != NULL) {
		if ((name = name_of(rq, uri)) == NULL)
			return refuse_param(rq, ERR_INVALID_TARGET, "resource");
		names = names == NULL ? name : arena_printf(rq->arena, "%s %s", names, name);
	}
	*ret_names = names;
	return OK;
}
