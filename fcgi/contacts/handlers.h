/* SPDX-License-Identifier: ISC */
/* The endpoints of the contacts API; the table is routes.c. */
#ifndef POSTERN_CONTACTS_HANDLERS_H
#define POSTERN_CONTACTS_HANDLERS_H

#include <stdbool.h>

#include "http/error.h"
#include "http/route.h"

struct request;

extern const struct route contacts_routes[];

bool origin_allowed(struct request *, const char *origin);
enum err contact(struct request *);     /* GET /contacts/ID */
enum err contacts(struct request *);    /* GET /contacts */
void contacts_refused(struct request *, enum err);
enum err guide(struct request *);       /* GET /, a page */
enum err metadata_contacts(struct request *);    /* GET /.well-known/oauth-protected-resource/contacts, or without the end */
enum err openapi(struct request *);     /* GET /openapi.json */

#endif
