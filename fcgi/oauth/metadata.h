/* SPDX-License-Identifier: ISC */
/* What a client's machine reads of this server before it asks (RFC 8414, RFC 9728). */
#ifndef POSTERN_METADATA_H
#define POSTERN_METADATA_H

struct request;

/* What of the authorization server's metadata its program and its database know: words separated by single spaces. */
struct metadata {
	const char *grant_types;
	const char *scopes;
	const char *resources;   /* as resource_uri() reads them */
};

/* Answers with the metadata of the authorization server (RFC 8414 2). */
void metadata_reply_server(struct request *, const struct metadata *);

/* Answers with that of a resource (RFC 9728 2): what resource_uri() reads; the scopes that it asks for; where it takes a token from; the
 * address of a page about it, or NULL. */
void metadata_reply_resource(struct request *, const char *resource, const char *scopes, const char *bearer_methods,
    const char *documentation);

#endif
