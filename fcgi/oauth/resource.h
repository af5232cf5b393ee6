/* SPDX-License-Identifier: ISC */
/* The resources that tokens are for (RFC 8707): absolute URIs outside, short names inside. */
#ifndef POSTERN_RESOURCE_H
#define POSTERN_RESOURCE_H

#include "http/error.h"

struct request;

/* The URI of a resource, by the word that stands for it in a statement's result (oauth.resource_uris): a URI already, or the short name
 * of one of ours, "profile" or "contacts", whose URIs are settings. */
const char *resource_uri(struct request *, const char *word);

/* Those of words separated by single spaces, likewise. */
const char *resource_uris(struct request *, const char *words);

/* Where the metadata of the resource of this URI stands: the well-known path goes between host and path (RFC 9728 3.1). */
const char *resource_metadata_uri(struct request *, const char *uri);

/* Reads the resource parameters, of which there may be many: *ret_names are words separated by spaces, NULL for none: short names of
 * ours, and URIs.  The statement maps those by oauth.resources, and refuses those that are none.  What can be no resource's URI is
 * ERR_INVALID_TARGET here. */
enum err resource_names(struct request *, const char **ret_names);

#endif
