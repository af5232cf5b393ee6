/* SPDX-License-Identifier: ISC */
/* The options of "client add" and "client change": one table for both. */
#include "config.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

#include "admin/client.h"
#include "admin/lifetime.h"
#include "admin/postern.h"
#include "admin/words.h"
#include "base/arena.h"
#include "base/text.h"
#include "http/origin.h"
#include "oauth/redirect_uri.h"
#include "oauth/scope.h"

enum { NAME_MAX_BYTES = 200, ID_MAX = 255, YEAR = 365 * 86400 };
enum where { BOTH, ADD, CHANGE };

struct rule {
	const char *name;
	void (*set)(struct client *, const struct rule *, const char *value);
	size_t offset;             /* of the member of struct client */
	const char *grant;         /* its name, of an option for one */
	int64_t least, most;       /* of a number, or of seconds; of words the least number of them, 0 or 1 */
	enum where where;
	bool argument, on;         /* it has an argument; it switches something on */
};

/* An option that was given. */
struct asked {
	const struct rule *rule;
	const char *value;
};

static const char **
text_at(struct client *c, const struct rule *r)
{
	void *at = (char *)c + r->offset;

	return at;
}

static const char *
one_of(const char *value, const struct rule *r, const char *const *allowed, const char *words)
{
	for (; *allowed != NULL; allowed++) {
		if (strcmp(*allowed, value) == 0)
			return *allowed;
	}
	tool_usage("--%s %s: it is one of %s", r->name, value, words);
}

static void
set_name(struct client *c, const struct rule *r, const char *value)
{
	if (!tool_readable(value, NAME_MAX_BYTES))
		tool_usage("--%s: 1 to %d bytes of UTF-8, no control characters", r->name, NAME_MAX_BYTES);
	c->name = value;
}

/* A client_id is VSCHAR without space (RFC 6749 A.1), so that it stands in a line of a log as it is. */
static void
set_id(struct client *c, const struct rule *r, const char *value)
{
	const char *p;

	for (p = value; *p > ' ' && *p <= '~'; p++)
		continue;
	if (*p != '\0' || p == value || p - value > ID_MAX)
		tool_usage("--%s: 1 to %d printable ASCII characters without space", r->name, ID_MAX);
	c->id = value;
}

static void
set_type(struct client *c, const struct rule *r, const char *value)
{
	static const char *const types[] = { "confidential", "public", "native", NULL };

	c->type = one_of(value, r, types, "confidential, public, native");
}

static void
set_method(struct client *c, const struct rule *r, const char *value)
{
	static const char *const methods[] = { "client_secret", "client_secret_basic", "client_secret_post", NULL };

	c->auth_method = one_of(value, r, methods, "client_secret_basic, client_secret_post, client_secret");
}

/* Scopes or resources.  Where none is possible, none is "". */
static void
set_words(struct client *c, const struct rule *r, const char *value)
{
	const char *words = "", *word;
	size_t len;

	if (!(r->least == 0 && *value == '\0') && !scope_valid(value))
		tool_usage("--%s: words, separated by single spaces", r->name);
	while ((word = words_next(&value, &len)) != NULL)
		words = words_with(words, arena_strndup(tool_arena, word, len));
	*text_at(c, r) = words;
}

static void
add_uri(struct client *c, const struct rule *r, const char *value)
{
	const char *why;

	if (!redirect_uri_registrable(tool_arena, value, &why))
		tool_usage("--%s %s: %s", r->name, value, why);
	c->redirect_uris = words_with(c->redirect_uris, value);
}

static void
remove_uri(struct client *c, const struct rule *r, const char *value)
{
	if (!words_have(c->redirect_uris, value))
		tool_usage("--%s %s: it is none of the client's: %s", r->name, value, c->redirect_uris);
	c->redirect_uris = words_without(c->redirect_uris, value);
}

/* "": none. */
static void
add_origin(struct client *c, const struct rule *r, const char *value)
{
	const char *why;

	if (*value == '\0')
		return;
	if (!origin_valid(value, &why))
		tool_usage("--%s %s: %s", r->name, value, why);
	c->origins = words_with(c->origins, value);
}

static void
set_lifetime(struct client *c, const struct rule *r, const char *value)
{
	void *at = (char *)c + r->offset;

	if (r->offset == offsetof(struct client, access_seconds) && strcmp(value, "default") == 0)
		c->access_seconds = 0;
	else if (!lifetime_read(value, r->least, r->most, at))
		tool_usage("--%s %s: a time from %s to %s, as in 45s, 10m, 12h or 30d", r->name, value, lifetime_say(r->least),
		    lifetime_say(r->most));
}

static void
set_number(struct client *c, const struct rule *r, const char *value)
{
	void *at = (char *)c + r->offset;

	if (strcmp(value, "default") == 0)
		*(int64_t *)at = 0;
	else if (!text_number(value, r->least, r->most, at))
		tool_usage("--%s %s: a number from %lld to %lld, or \"default\"", r->name, value, (long long)r->least, (long long)r->most);
}

static void
set_flag(struct client *c, const struct rule *r, const char *value)
{
	void *at = (char *)c + r->offset;

	(void)value;
	*(bool *)at = r->on;
}

static void
set_grant(struct client *c, const struct rule *r, const char *value)
{
	(void)value;
	c->grant_types = r->on ? words_with(c->grant_types, r->grant) : words_without(c->grant_types, r->grant);
}

/* Stands before the others, so that one that is given too has the last word. */
static void
set_seed(struct client *c, const struct rule *r, const char *value)
{
	set_flag(c, r, value);
	if (!r->on)
		return;
	c->pkce_required = false;
	c->auth_method = "client_secret";
}

#define AT(member) .offset = offsetof(struct client, member)
#define GRANT(name, word) \
	{ name, set_grant, AT(grant_types), .on = true, .grant = word }, \
	{ "no-" name, set_grant, AT(grant_types), .grant = word }
#define FLAG(name, member) \
	{ name, set_flag, AT(member), .on = true }, \
	{ "no-" name, set_flag, AT(member) }

/* In this order they are applied. */
static const struct rule rules[] = {
	{ "seed-contract", set_seed, AT(query_token), .on = true },
	{ "no-seed-contract", set_seed, AT(query_token) },
	{ "id", set_id, AT(id), .argument = true, .where = ADD },
	{ "type", set_type, AT(type), .argument = true, .where = ADD },
	{ "name", set_name, AT(name), .argument = true },
	{ "auth-method", set_method, AT(auth_method), .argument = true },
	{ "redirect-uri", add_uri, AT(redirect_uris), .argument = true },
	{ "add-redirect-uri", add_uri, AT(redirect_uris), .argument = true, .where = CHANGE },
	{ "remove-redirect-uri", remove_uri, AT(redirect_uris), .argument = true, .where = CHANGE },
	{ "origin", add_origin, AT(origins), .argument = true },
	{ "scope", set_words, AT(scope), .argument = true, .least = 1 },
	{ "default-scope", set_words, AT(default_scope), .argument = true },
	{ "resources", set_words, AT(resources), .argument = true, .least = 1 },
	{ "default-resources", set_words, AT(default_resources), .argument = true, .least = 1 },
	{ "introspect", set_words, AT(introspects), .argument = true, .least = 1 },
	GRANT("refresh", GRANT_REFRESH),
	GRANT("machine", GRANT_MACHINE),
	GRANT("device", GRANT_DEVICE),
	FLAG("rotation", refresh_rotates),
	FLAG("pkce", pkce_required),
	FLAG("par", par_required),
	FLAG("logout-ends-grants", logout_ends_grants),
	{ "access-life", set_lifetime, AT(access_seconds), .argument = true, .least = 60, .most = 86400 },
	{ "refresh-idle", set_lifetime, AT(refresh_idle_seconds), .argument = true, .least = 60, .most = 2 * YEAR },
	{ "refresh-life", set_lifetime, AT(refresh_seconds), .argument = true, .least = 60, .most = 10LL * YEAR },
	{ "contacts-per-minute", set_number, AT(contacts_per_minute), .argument = true, .least = 1, .most = 1000000 },
	{ "contacts-limit", set_number, AT(contacts_limit), .argument = true, .least = 1, .most = 1000 },
};

enum { RULES = sizeof(rules) / sizeof(rules[0]), FIRST = 256 };

/* The same option again, or its opposite, says two things; only redirect URIs and origins are several. */
static void
check_twice(const struct asked *asked, size_t n, const struct rule *r)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct rule *other = asked[i].rule;

		if (other->offset == r->offset && other->set != add_uri && other->set != remove_uri && other->set != add_origin &&
		    (r->grant == NULL || strcmp(r->grant, other->grant) == 0))
			tool_usage("--%s beside --%s: one of them is wanted, once", r->name, other->name);
	}
}

/* The options that were given, in the order of the table; what is no option is left for tool_argument. */
static size_t
read_options(struct asked *asked, enum where where, int argc, char **argv)
{
	struct option known[RULES + 1] = { 0 };
	int option, i, n = 0;
	size_t got = 0;

	for (i = 0; i < RULES; i++) {
		if (rules[i].where == BOTH || rules[i].where == where)
			known[n++] = (struct option){ rules[i].name, rules[i].argument, NULL, FIRST + i };
	}
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option < FIRST)
			tool_usage("an option is wrong");
		check_twice(asked, got, &rules[option - FIRST]);
		asked[got++] = (struct asked){ &rules[option - FIRST], optarg };
	}
	return got;
}

static void
apply(struct client *c, const struct asked *asked, size_t n)
{
	const struct rule *r;
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(asked[i].rule->name, "redirect-uri") == 0)
			c->redirect_uris = "";
		if (asked[i].rule->set == add_origin)
			c->origins = "";
	}
	for (r = rules; r < rules + RULES; r++) {
		for (i = 0; i < n; i++) {
			if (asked[i].rule == r)
				r->set(c, r, asked[i].value);
		}
	}
}

/* What is had by default follows all that may be had, unless it was chosen apart. */
static const char *
followed(const char *all, const char *part, const char *new_all, const char *new_part)
{
	bool was_all = part != NULL && strcmp(all, part) == 0, chosen = part != new_part;

	return was_all && !chosen ? new_all : new_part;
}

void
client_options(struct client *c, bool find, int argc, char **argv)
{
	struct asked *asked = arena_array(tool_arena, (size_t)argc, sizeof(*asked));
	size_t n = read_options(asked, find ? CHANGE : ADD, argc, argv);
	struct client before;

	if (find) {
		const char *id = tool_argument(argc, argv, "the client_id");

		if (n == 0)
			tool_usage("nothing to change is given");
		*c = client_find(id);
	}
	tool_no_more(argc, argv);
	before = *c;
	apply(c, asked, n);
	c->default_scope = followed(before.scope, before.default_scope, c->scope, c->default_scope);
	c->default_resources = followed(before.resources, before.default_resources, c->resources, c->default_resources);
	client_complete(c);
}
