/* SPDX-License-Identifier: ISC */
/* GET /.well-known/oauth-protected-resource: what the resource /contacts says of itself (RFC 9728 3). */
#include "config.h"

#include "oauth/metadata.h"

#include "contacts/document.h"
#include "contacts/handlers.h"

enum err
metadata_contacts(struct request *rq)
{
	metadata_reply_resource(rq, "contacts", "contacts", "header", document_page(rq));
	return OK;
}
