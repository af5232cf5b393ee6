/* SPDX-License-Identifier: ISC */
/* What the contacts API is, as OpenAPI: openapi.json of this folder, cut to what this directory can give. */
#ifndef POSTERN_DOCUMENT_H
#define POSTERN_DOCUMENT_H

#include <stddef.h>

#include "http/error.h"

struct json_object;
struct request;

struct document {
	struct json_object *tree;      /* what stands below, and the chapters of the page in /info/x-guide */
	const char *text;              /* what /openapi.json answers */
	size_t len;
};

/* The source, as it stands in the file. */
extern const char openapi_source[];

/* The document of the directory that the database has now: OK, or why it can't be asked.  It lives until the next call. */
enum err document_get(struct request *, const struct document **ret);

/* The address of the page for a person. */
const char *document_page(struct request *);

#endif
