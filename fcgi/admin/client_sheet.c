/* SPDX-License-Identifier: ISC */
/* postern client sheet: all that a partner's engineer asks for, but the secret. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "admin/client.h"
#include "admin/lifetime.h"
#include "admin/postern.h"
#include "admin/words.h"
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
authentication(const struct client *c)
{
	if (!client_has_secret(c))
		return words_have(c->grant_types, GRANT_CODE) ?
		    "none: a public client sends its client_id and proves itself by PKCE" :
		    "none: a public client sends its client_id";
	if (strcmp(c->auth_method, "client_secret") == 0)
		return "client_id and client_secret in the body, or by HTTP Basic";
	return strcmp(c->auth_method, "client_secret_post") == 0 ?
	    "client_id and client_secret in the body" :
	    "HTTP Basic with client_id and client_secret, each form-encoded first";
}

static void
line(const char *label, const char *value)
{
	printf("%-21s  %s\n", label, value);
}

static void
uri(const char *label, const char *host, const char *path)
{
	printf("%-21s  %s%s\n", label, host, path);
}

/* The arguments of curl by which this client authenticates.  A secret is taken from a file: no list of processes shows it. */
static const char *
curl_client(const struct client *c)
{
	return client_has_secret(c) ? " -K client.conf" : arena_printf(tool_arena, " -d client_id=%s", percent(c->id));
}

static void
print_client_conf(const struct client *c)
{
	if (!client_has_secret(c))
		return;
	printf("\n   client.conf is a file of mode 0600 with the line\n");
	if (strcmp(c->auth_method, "client_secret_post") == 0)
		printf("   data = \"client_id=%s&client_secret=CLIENT_SECRET\"\n", percent(c->id));
	else
		printf("   user = \"%s:CLIENT_SECRET\"\n", percent(c->id));
}

static void
print_identity(const struct settings *s, const struct client *c)
{
	line("Issuer", s->issuer);
	uri("Metadata URI", s->issuer, "/.well-known/oauth-authorization-server");
	line("client_id", c->id);
	line("client_secret", client_has_secret(c) ? "(handed over separately)" : "(none: a public client)");
	line("Authentication", authentication(c));
}

/* What a resource server needs is another sheet: it asks about tokens, and gets none. */
static void
print_resource_server(const struct settings *s, const struct client *c)
{
	printf("%s: asking about access tokens (OAuth 2.0 token introspection)\n\n", c->name);
	print_identity(s, c);
	uri("Introspect URI", s->issuer, "/introspect");
	line("Resources", arena_printf(tool_arena, "%s (a token for none of them is \"active\":false)", c->introspects));
	printf("\nAsk about each token that you are sent; only \"active\":true, with your URI in \"aud\", is a good one\n"
	       "   curl%s -d token=TOKEN %s/introspect\n",
	    curl_client(c), s->issuer);
	print_client_conf(c);
}

static void
print_addresses(const struct settings *s, const struct client *c)
{
	if (words_have(c->grant_types, GRANT_CODE))
		uri("Authorize URI", s->issuer, "/authorize");
	if (c->par_required)
		uri("Pushed request URI", s->issuer, "/par");
	if (words_have(c->grant_types, GRANT_DEVICE))
		uri("Device URI", s->issuer, "/device_authorization");
	uri("Token URI", s->issuer, "/token");
	uri("Revoke URI", s->issuer, "/revoke");
	uri("Profile URI", s->issuer, "/profile");
	line("Contacts URI", s->contacts_url);
	line("Contacts explained", arena_printf(tool_arena, "%.*s", (int)(strlen(s->contacts_url) - strlen("contacts")), s->contacts_url));
}

/* How many contacts a client gets how often.  A machine without people has none. */
static void
print_limits(const struct settings *s, const struct client *c)
{
	int64_t per_minute = c->contacts_per_minute != 0 ? c->contacts_per_minute : s->contacts_per_minute;

	if (!words_have(c->scope, "contacts") || !(words_have(c->grant_types, GRANT_CODE) || words_have(c->grant_types, GRANT_DEVICE)))
		return;
	line("Contacts on a page", arena_printf(tool_arena, "%lld, or limit=1 to 1000",
	    c->contacts_limit != 0 ? (long long)c->contacts_limit : 100));
	if (per_minute != 0)
		line("Requests for them", arena_printf(tool_arena, "%lld in a minute; each answer says in RateLimit how many are left",
		    (long long)per_minute));
}

static void
print_rules(const struct settings *s, const struct client *c)
{
	bool shorter = c->access_seconds != 0 && c->access_seconds < s->access_seconds;

	if (words_have(c->grant_types, GRANT_CODE)) {
		line("Redirect URIs", c->redirect_uris);
		line("PKCE", c->pkce_required ? "required, S256" : "welcome (S256), not required");
	}
	line("Grants", c->grant_types);
	line("Scopes", arena_printf(tool_arena, "%s (without scope: %s)", c->scope, *c->default_scope == '\0' ? "none, name them" :
	    c->default_scope));
	line("Resources", arena_printf(tool_arena, "%s (without resource: %s)", c->resources, c->default_resources));
	line("Tokens", c->query_token ? "Authorization: Bearer TOKEN, or ?access_token=TOKEN" : "Authorization: Bearer TOKEN");
	line("Access tokens end", arena_printf(tool_arena, "after %s at most; each answer says expires_in",
	    lifetime_say(shorter ? c->access_seconds : s->access_seconds)));
	print_limits(s, c);
	if (c->logout_ends_grants)
		line("Logout", "ends what the person allowed, tokens and all");
}

static void
print_refreshing(const struct settings *s, const struct client *c)
{
	if (!words_have(c->grant_types, GRANT_REFRESH))
		return;
	line("Refresh tokens end", arena_printf(tool_arena, "when not used for %s, and %s after the person allowed it",
	    lifetime_say(c->refresh_idle_seconds), lifetime_say(c->refresh_seconds)));
	if (c->refresh_rotates)
		printf("\nEach refresh gives a new refresh token: keep it, and use the old one no more.  If an answer was lost,\n"
		       "send the same request again within %lld s: the same successor comes.  A client that lost the answer for\n"
		       "longer must sign in again: then the old refresh token ends all that the person allowed it with that\n"
		       "sign-in.\n",
		    (long long)s->refresh_grace_seconds);
	else
		printf("\nA refresh token stays the same; the answer to a refresh has none.\n");
}

static void
print_first_step(const struct settings *s, const struct client *c, const char *redirect_uri)
{
	const char *pkce = c->pkce_required ? "&code_challenge=CHALLENGE&code_challenge_method=S256" : "";
	const char *query = arena_printf(tool_arena, "response_type=code&client_id=%s&redirect_uri=%s&state=STATE%s",
	    percent(c->id), percent(redirect_uri), pkce);

	if (c->pkce_required)
		printf("0. For each sign-in make a new VERIFIER and its CHALLENGE\n"
		       "   VERIFIER=$(openssl rand -base64 32 | tr /+ _- | tr -d =)\n"
		       "   CHALLENGE=$(printf %%s \"$VERIFIER\" | openssl dgst -sha256 -binary | base64 | tr /+ _- | tr -d =)\n\n");
	if (c->par_required)
		printf("1. Push the request, then send the browser to what comes back\n"
		       "   curl%s -d '%s' %s/par\n"
		       "   %s/authorize?client_id=%s&request_uri=REQUEST_URI\n",
		    curl_client(c), query, s->issuer, s->issuer, percent(c->id));
	else
		printf("1. Send the browser to\n   %s/authorize?%s\n", s->issuer, query);
	printf("   It comes back to your redirect URI with code, state and iss (which is %s).\n\n", s->issuer);
}

static void
print_code(const struct settings *s, const struct client *c)
{
	const char *redirect_uri = arena_strndup(tool_arena, c->redirect_uris, strcspn(c->redirect_uris, " "));

	printf("\nSign-in, step by step (put your own values for capital words)\n\n");
	print_first_step(s, c, redirect_uri);
	printf("2. Exchange the code within a minute\n"
	       "   curl%s -d grant_type=authorization_code -d code=CODE \\\n        -d redirect_uri=%s%s %s/token\n",
	    curl_client(c), percent(redirect_uri), c->pkce_required ? " -d code_verifier=VERIFIER" : "", s->issuer);
}

static void
print_device(const struct settings *s, const struct client *c)
{
	printf("\nSign-in on a device (put your own values for capital words)\n\n"
	       "1. Ask for codes; show user_code and verification_uri to the person\n"
	       "   curl%s -X POST %s/device_authorization\n"
	       "2. Ask every \"interval\" seconds until the person has decided\n"
	       "   curl%s -d grant_type=%s -d device_code=DEVICE_CODE %s/token\n",
	    curl_client(c), s->issuer, curl_client(c), GRANT_DEVICE, s->issuer);
}

static void
print_use(const struct settings *s, const struct client *c)
{
	if (words_have(c->grant_types, GRANT_MACHINE))
		printf("\nTokens for yourself, without a person; ask anew when one has ended\n"
		       "   curl%s -d grant_type=client_credentials %s/token\n",
		    curl_client(c), s->issuer);
	if (words_have(c->grant_types, GRANT_REFRESH))
		printf("\nRefresh\n   curl%s -d grant_type=refresh_token -d refresh_token=REFRESH_TOKEN %s/token\n", curl_client(c),
		    s->issuer);
	print_client_conf(c);
	if (words_have(c->grant_types, GRANT_CODE) || words_have(c->grant_types, GRANT_DEVICE))
		printf("\nAsk who it is, and for the contacts; follow \"next\" until there is none\n"
		       "   curl -H 'Authorization: Bearer TOKEN' %s/profile\n"
		       "   curl -H 'Authorization: Bearer TOKEN' '%s?limit=100'\n",
		    s->issuer, s->contacts_url);
}

int
client_sheet(int argc, char **argv)
{
	const char *id = tool_last_argument(argc, argv, "the client_id");
	const struct settings *s;
	struct client c;

	s = settings_read(FOR_SHEET);
	c = client_find(id);
	if (c.introspects != NULL) {
		print_resource_server(s, &c);
		return 0;
	}
	printf("%s: access by OAuth 2.0\n\n", c.name);
	print_identity(s, &c);
	print_addresses(s, &c);
	print_rules(s, &c);
	print_refreshing(s, &c);
	if (words_have(c.grant_types, GRANT_CODE))
		print_code(s, &c);
	if (words_have(c.grant_types, GRANT_DEVICE))
		print_device(s, &c);
	print_use(s, &c);
	return 0;
}
