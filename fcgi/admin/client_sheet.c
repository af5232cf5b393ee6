/* SPDX-License-Identifier: ISC */
/* postern client sheet: all that a partner's engineer asks for, but the secret. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/buf.h"
#include "server/settings.h"

static const char *
percent(const char *text)
{
	struct buf out;

	buf_init(&out, tool_arena, 256);
	buf_percent(&out, text);
	return out.data;
}

static const char *
authentication(const char *method)
{
	if (strcmp(method, "none") == 0)
		return "none: a public client sends its client_id and proves itself by PKCE";
	if (strcmp(method, "client_secret") == 0)
		return "client_id and client_secret in the body, or by HTTP Basic";
	return strcmp(method, "client_secret_post") == 0 ? "client_id and client_secret in the body" :
	                                                   "HTTP Basic with client_id and client_secret, each form-encoded first";
}

/* Where curl takes the secret from, so that no list of processes shows it. */
static const char *
client_conf(const char *id, const char *method)
{
	return arena_printf(tool_arena, "   where client.conf, a file of mode 0600, holds the line\n   %s\n",
	    strcmp(method, "client_secret_post") == 0 ?
	        arena_printf(tool_arena, "data = \"client_id=%s&client_secret=CLIENT_SECRET\"", percent(id)) :
	        arena_printf(tool_arena, "user = \"%s:CLIENT_SECRET\"", percent(id)));
}

static void
print_examples(const struct settings *s, const char *id, const char *redirect_uri, const char *method, bool pkce)
{
	bool secret = strcmp(method, "none") != 0;

	printf("\nStep by step (put your own values for capital words)\n\n");
	if (pkce)
		printf("0. For each sign-in make a new VERIFIER and its CHALLENGE\n"
		       "   VERIFIER=$(openssl rand -base64 32 | tr /+ _- | tr -d =)\n"
		       "   CHALLENGE=$(printf %%s \"$VERIFIER\" | openssl dgst -sha256 -binary | base64 | tr /+ _- | tr -d =)\n\n");
	printf("1. Send the browser to\n"
	       "   %s/authorize?response_type=code&client_id=%s&redirect_uri=%s&state=STATE%s\n"
	       "   It comes back to your redirect URI with code, state and iss (which is %s).\n\n",
	    s->issuer, percent(id), percent(redirect_uri), pkce ? "&code_challenge=CHALLENGE&code_challenge_method=S256" : "",
	    s->issuer);
	printf("2. Exchange the code within a minute\n"
	       "   curl %s/token %s-d grant_type=authorization_code -d code=CODE \\\n"
	       "        -d redirect_uri=%s%s%s\n\n",
	    s->issuer, secret ? "-K client.conf " : "", percent(redirect_uri), pkce ? " -d code_verifier=VERIFIER" : "",
	    secret ? "" : arena_printf(tool_arena, " -d client_id=%s", percent(id)));
	if (secret)
		printf("%s\n", client_conf(id, method));
	printf("3. Ask who it is, and for the contacts; follow \"next\" until there is none\n"
	       "   curl -H 'Authorization: Bearer TOKEN' %s/profile\n"
	       "   curl -H 'Authorization: Bearer TOKEN' '%s?limit=100'\n",
	    s->issuer, s->contacts_url);
}

/* What a resource server needs is another sheet: it asks about tokens, and gets none. */
static void
print_resource_server(const struct settings *s, const char *id, const PGresult *r)
{
	const char *method = database_get(r, 0, "auth_method");

	printf("%s: asking about access tokens (OAuth 2.0 token introspection)\n\n", database_get(r, 0, "name"));
	printf("Issuer          %s\nMetadata URI    %s/.well-known/oauth-authorization-server\nIntrospect URI  %s/introspect\n",
	    s->issuer, s->issuer, s->issuer);
	printf("client_id       %s\nclient_secret   (handed over separately)\nAuthentication  %s\n", id, authentication(method));
	printf("Resources       %s (a token for none of them is \"active\":false)\n", database_get(r, 0, "introspects"));
	printf("\nAsk about each token that you are sent; only \"active\":true, with your URI in \"aud\", is a good one\n"
	       "   curl -K client.conf -d token=TOKEN %s/introspect\n\n%s",
	    s->issuer, client_conf(id, method));
}

int
client_sheet(int argc, char **argv)
{
	const char *id = tool_argument(argc, argv, "the client_id"), *uris, *method;
	const struct settings *s = settings_read(FOR_SHEET);
	const PGresult *r = database_run(SQL_CLIENT_LIST, id);
	bool pkce;

	if (PQntuples(r) == 0)
		tool_fail(EX_DATAERR, "there is no client %s", id);
	if (*database_get(r, 0, "introspects") != '\0') {
		print_resource_server(s, id, r);
		return 0;
	}
	uris = database_get(r, 0, "redirect_uris");
	method = database_get(r, 0, "auth_method");
	pkce = strcmp(database_get(r, 0, "pkce_required"), "t") == 0;
	printf("%s: access to accounts and contacts (OAuth 2.0, authorization code)\n\n", database_get(r, 0, "name"));
	printf("Issuer          %s\nMetadata URI    %s/.well-known/oauth-authorization-server\nAuthorize URI   %s/authorize\n"
	       "Token URI       %s/token\nRevoke URI      %s/revoke\nProfile URI     %s/profile\nContacts URI    %s\n",
	    s->issuer, s->issuer, s->issuer, s->issuer, s->issuer, s->issuer, s->contacts_url);
	printf("client_id       %s\n", id);
	printf("client_secret   %s\n", strcmp(method, "none") == 0 ? "(none: a public client)" : "(handed over separately)");
	printf("Redirect URIs   %s\nScopes          %s (without scope: %s)\n", uris, database_get(r, 0, "scope"),
	    database_get(r, 0, "default_scope"));
	printf("Authentication  %s\n", authentication(method));
	printf("PKCE            %s\n", pkce ? "required, S256" : "welcome (S256), not required");
	printf("Tokens          Authorization: Bearer TOKEN%s\n",
	    strcmp(database_get(r, 0, "query_token"), "t") == 0 ? ", or ?access_token=TOKEN" : "");
	print_examples(s, id, arena_strndup(tool_arena, uris, strcspn(uris, " ")), method, pkce);
	return 0;
}
