/* SPDX-License-Identifier: ISC */
/* The resources that tokens are for (RFC 8707): absolute URIs outside, short names inside. */
#ifndef POSTERN_RESOURCE_H
#define POSTERN_RESOURCE_H

#include "http/error.h"

struct request;

/* The URI of a resource of ours: "profile" or "contacts". */
const char *resource_uri(struct request *, const char *name);

/* Those of names separated by single spaces, likewise. */
const char *resource_uris(struct request *, const char *names);

/* The same of any resource, with its URI as the database has it: "" for ours, whose URIs are settings. */
const char *resource_uri_of(struct request *, const char *name, const char *uri);

/* Where the metadata of the resource of this URI stands: the well-known path goes between host and path (RFC 9728 3.1). */
const char *resource_metadata_uri(struct request *, const char *uri);

/* Reads the resource parameters, of which there may be many: *ret_names are the short names separated by spaces, NULL for none.  An
 * unknown one is ERR_INVALID_TARGET. */
enum err resource_names(struct request *, const char **ret_names);

#endif
