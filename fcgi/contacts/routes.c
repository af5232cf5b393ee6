/* SPDX-License-Identifier: ISC */
/* The contacts API, path by path. */
#include "config.h"

#include <stddef.h>

#include "contacts/handlers.h"
#include "html/page.h"
#include "oauth/answer.h"

const struct route contacts_routes[] = {
	{ "/contacts", GET | CORS_CLIENTS, contacts, contacts_refused },
	{ "/contacts/", GET | CORS_CLIENTS, contact, contacts_refused },
	{ "/.well-known/oauth-protected-resource/contacts", GET | CORS_EVERYONE, metadata_contacts, answer_problem },
	{ "/.well-known/oauth-protected-resource", GET | CORS_EVERYONE, metadata_contacts, answer_problem },
	{ "/openapi.json", GET | CORS_EVERYONE, openapi, answer_problem },
	{ "/", GET, guide, page_error },
	{ "/style.css", GET, page_style, page_error },
	{ NULL, 0, NULL, answer_problem },
};
