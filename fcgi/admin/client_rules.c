/* SPDX-License-Identifier: ISC */
/* What a registration must be as a whole (RFC 6749 2, RFC 9700 2, RFC 8252): the client's part of it is in client_options.c. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "admin/client.h"
#include "admin/postern.h"
#include "admin/words.h"
#include "base/arena.h"
#include "oauth/redirect_uri.h"

static const char EVERYTHING[] = "profile contacts";

/* A native client listens on whatever port is free (RFC 8252 7.3), so its loopback URIs are kept without one. */
static void
drop_ports(struct client *c)
{
	const char *rest = c->redirect_uris, *one, *uri, *without;
	size_t len;

	c->redirect_uris = "";
	while ((one = words_next(&rest, &len)) != NULL) {
		uri = arena_strndup(tool_arena, one, len);
		if ((without = redirect_uri_portless(tool_arena, uri)) != NULL && strcmp(without, uri) != 0)
			fprintf(
			    stderr, "postern: %s is registered as %s: a native client's port is its own choice\n", uri, without);
		c->redirect_uris = words_with(c->redirect_uris, without != NULL ? without : uri);
	}
}

/* What was not said. */
static void
fill_in(struct client *c)
{
	const char *everything = c->introspects == NULL ? EVERYTHING : "";

	if (c->auth_method == NULL)
		c->auth_method = strcmp(c->type, "confidential") == 0 ? "client_secret_basic" : "none";
	if (c->scope == NULL)
		c->scope = everything;
	if (c->default_scope == NULL)
		c->default_scope = c->scope;
	if (c->resources == NULL)
		c->resources = everything;
	if (c->default_resources == NULL)
		c->default_resources = c->resources;
	if (strcmp(c->type, "native") == 0)
		drop_ports(c);
	c->grant_types = words_without(c->grant_types, GRANT_CODE);
	if (*c->redirect_uris != '\0')
		c->grant_types = arena_printf(tool_arena, GRANT_CODE "%s%s", *c->grant_types == '\0' ? "" : " ", c->grant_types);
}

/* One that can't keep a secret proves itself by PKCE and by refresh tokens that rotate (RFC 9700 2.1.1, 2.2.2). */
static void
check_public(const struct client *c)
{
	if (strcmp(c->auth_method, "none") != 0)
		tool_usage("a %s client has no secret: neither --auth-method nor --seed-contract", c->type);
	if (!c->pkce_required)
		tool_usage("a %s client needs PKCE", c->type);
	if (!c->refresh_rotates)
		tool_usage("the refresh tokens of a %s client rotate", c->type);
	if (words_have(c->grant_types, GRANT_MACHINE))
		tool_usage("--machine: a %s client has no secret, so anybody could get its tokens (RFC 6749 4.4)", c->type);
	if (c->introspects != NULL)
		tool_usage("--introspect: a %s client has no secret, so anybody could ask", c->type);
}

/* A resource server gets no tokens, so nothing of what is about getting them is its. */
static void
check_resource_server(const struct client *c)
{
	if (*c->grant_types != '\0' || *c->origins != '\0' || *c->scope != '\0' || *c->resources != '\0' || c->query_token ||
	    !c->pkce_required || c->par_required || c->contacts_per_minute != 0 || c->contacts_limit != 0)
		tool_usage("--introspect: a resource server gets no tokens: with nothing but --id, --name and --auth-method");
}

static void
check_grants(const struct client *c)
{
	bool code = words_have(c->grant_types, GRANT_CODE);

	if (!code && !words_have(c->grant_types, GRANT_MACHINE) && !words_have(c->grant_types, GRANT_DEVICE))
		tool_usage("--redirect-uri is missing (only --machine, --device and --introspect do without)");
	if (words_have(c->grant_types, GRANT_REFRESH) && !code && !words_have(c->grant_types, GRANT_DEVICE))
		tool_usage("--refresh: a machine gets no refresh tokens, it just asks again (RFC 6749 4.4.3)");
	if (!code && c->par_required)
		tool_usage("--par: without --redirect-uri there is no authorization request to push");
	if (!code && c->query_token)
		tool_usage("--seed-contract: it has --redirect-uri");
	if (!words_within(c->default_scope, c->scope))
		tool_usage("--default-scope \"%s\" is not within --scope \"%s\"", c->default_scope, c->scope);
	if (!words_within(c->default_resources, c->resources))
		tool_usage("--default-resources \"%s\" is not within --resources \"%s\"", c->default_resources, c->resources);
}

static void
check_contacts(const struct client *c)
{
	if ((c->contacts_per_minute != 0 || c->contacts_limit != 0) &&
	    !(words_have(c->scope, "contacts") && words_have(c->resources, "contacts")))
		tool_usage("--contacts-per-minute, --contacts-limit: without contacts in --scope and --resources it reads none");
}

/* http is for the loopback addresses of native clients (RFC 9700 2.6), and for what the seed's contract allowed. */
static void
check_http(const struct client *c)
{
	const char *rest = c->redirect_uris, *one;
	size_t len;

	if (strcmp(c->type, "native") == 0 || c->query_token)
		return;
	while ((one = words_next(&rest, &len)) != NULL) {
		if (strncmp(one, "http://", 7) == 0)
			tool_usage("--redirect-uri %.*s: http is for a native client (RFC 9700 2.6); use https, or --type native",
			    (int)len, one);
	}
}

void
client_complete(struct client *c)
{
	fill_in(c);
	if (c->name == NULL)
		tool_usage("--name is missing");
	if (strcmp(c->type, "confidential") != 0)
		check_public(c);
	if (c->introspects != NULL)
		check_resource_server(c);
	else
		check_grants(c);
	check_contacts(c);
	check_http(c);
	if (c->query_token && strcmp(c->auth_method, "client_secret") != 0)
		tool_usage("--seed-contract has --auth-method client_secret");
}
