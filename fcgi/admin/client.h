/* SPDX-License-Identifier: ISC */
/* Registering a client, for "client add" and "sample". */
#ifndef POSTERN_CLIENT_H
#define POSTERN_CLIENT_H

#include <stdbool.h>

struct client {
	const char *id, *name, *type, *auth_method;
	const char *redirect_uris; /* a line each */
	const char *scope;         /* separated by single spaces */
	const char *introspects;   /* NULL, or the resources about whose tokens it may ask, separated likewise: a resource server */
	bool pkce_required, query_token, sample;
	bool refreshes, rotates;   /* it gets refresh tokens; each use gives a new one */
	bool device;               /* it may use the device grant, and needs no redirect URI for it */
	bool machine;              /* it gets tokens for itself, and none for people */
};

/* Registers it and returns its new secret (NULL for a public one), which nobody can read again. */
const char *client_register(const struct client *);

#endif
