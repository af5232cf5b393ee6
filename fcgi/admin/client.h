/* SPDX-License-Identifier: ISC */
/* A client's registration, as the tool makes, reads and changes it. */
#ifndef POSTERN_CLIENT_H
#define POSTERN_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

struct json_object;

#define GRANT_CODE "authorization_code"
#define GRANT_REFRESH "refresh_token"
#define GRANT_MACHINE "client_credentials"
#define GRANT_DEVICE "urn:ietf:params:oauth:grant-type:device_code"

/* The columns of oauth.client that the tool knows.  Lists are separated by single spaces; "" is none. */
struct client {
	const char *id, *name, *type;
	const char *auth_method;       /* NULL: not said yet */
	const char *redirect_uris, *grant_types;
	const char *origins;           /* of its pages, whose scripts call us (CORS) */
	const char *scope, *default_scope, *resources, *default_resources;    /* NULL: not said yet */
	const char *introspects;       /* a resource server, which may ask about tokens for these resources; NULL: it is none */
	int64_t access_seconds;        /* 0: as long as the setting says */
	int64_t refresh_idle_seconds, refresh_seconds;
	int64_t contacts_per_minute;   /* 0: as many as the setting says */
	int64_t contacts_limit;        /* on a page, where a request names no limit; 0: the usual 100 */
	bool refresh_rotates, pkce_required, par_required, query_token, logout_ends_grants;
	bool enabled, sample;
	const char *created_at, *changed_at;
	const char *version;           /* another one when somebody else has changed it meanwhile */
};

/* For "client add" and "client change" the same options: which they are, for --help. */
#define CLIENT_OPTIONS \
	"  --name NAME              what people read on the consent page\n" \
	"  --redirect-uri URI       where answers may go; may be given again, and then the list is these\n" \
	"  --origin ORIGIN          where its pages come from, if their scripts call Postern (CORS); may be given again, or be\n" \
	"                           \"\" for none\n" \
	"  --auth-method METHOD     client_secret_basic (without it), client_secret_post or client_secret (either)\n" \
	"  --scope SCOPES           what it may ask for, separated by spaces; without it \"profile contacts\"\n" \
	"  --default-scope SCOPES   what it gets when it names none; without it all of them\n" \
	"  --resources NAMES        what its tokens may be for, separated by spaces; without it \"profile contacts\"\n" \
	"  --default-resources NAMES  what they are for when it names none; without it all of them\n" \
	"  --[no-]refresh           it gets refresh tokens, for when the person is away\n" \
	"  --[no-]rotation          each use of a refresh token gives a new one; off only for confidential clients\n" \
	"  --refresh-idle TIME      a refresh token ends when not used for so long (30d)\n" \
	"  --refresh-life TIME      and in any case so long after the person allowed it (365d)\n" \
	"  --access-life TIME       of an access token, where that is shorter than the setting; \"default\": as the setting\n" \
	"  --contacts-per-minute N  requests to the contacts API in a minute; \"default\": as the setting\n" \
	"  --contacts-limit N       contacts on a page where a request names no limit (100); \"default\": as that\n" \
	"  --[no-]machine           it gets tokens for itself (client_credentials)\n" \
	"  --[no-]device            it gets tokens by a device code, for devices without a browser\n" \
	"  --[no-]pkce              PKCE is required; off only for confidential clients, and not advised\n" \
	"  --[no-]par               its authorization requests must be pushed first\n" \
	"  --[no-]logout-ends-grants  what a person allowed ends with that person's logout\n" \
	"  --[no-]seed-contract     as the first partners' clients: either secret method, no PKCE, tokens in the query\n" \
	"  --introspect NAMES       it is a resource server, which may ask about tokens for these resources and gets none\n"

/* A registration with nothing in it but what stands where nothing is said. */
struct client client_new(void);

/* The registered client of that id; where there is none the tool ends. */
struct client client_find(const char *id);

/* A registration as a JSON object, whose members are the columns, and back.  The object's strings must outlive the client. */
struct json_object *client_json(const struct client *);
struct client client_of_json(struct json_object *);

/* Reads the options of a command line, checks each, and changes the client by them.  With find, the one argument that is left is
 * the id of the client to begin with (client_find).  Then the registration as a whole is completed and checked. */
void client_options(struct client *, bool find, int argc, char **argv);

/* Fills in what was not said, and ends the tool where the whole can't be registered (RFC 6749 2, RFC 9700 2, RFC 8252). */
void client_complete(struct client *);

/* Prints the client_id, and the secret (NULL: none) with a word that it is not shown again. */
void client_print_credentials(const char *id, const char *secret);

/* Registers it and returns its new secret (NULL for a public one), which nobody can read again. */
const char *client_register(const struct client *);

/* Ends the tool where a statement that judges a registration found something wrong with it. */
void client_refused(const char *verdict, const char *detail, const char *id);

/* It authenticates by a secret that it shares with us. */
bool client_has_secret(const struct client *);

#endif
