/* SPDX-License-Identifier: ISC */
/* postern sample: four people, their contacts and a client, to try the product without live data; more people, to see how it does. */
#include "config.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/client.h"
#include "admin/database.h"
#include "admin/postern.h"
#include "admin/sample_many.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/text.h"
#include "crypto/password.h"
#include "oauth/opaque.h"
#include "oauth/redirect_uri.h"

enum { PEOPLE = 4, MANY_MAX = 1000000000 };

static const char CLIENT[] = "hcs-stack-int~test.oauth.client";
static const char REDIRECT_URI[] = "https://localhost/callback";
static const char PASSWORD[] = "password";

/* Who knows whom. */
static const int contacts[][2] = { { 1, 2 }, { 1, 3 }, { 1, 4 }, { 2, 1 }, { 2, 4 }, { 3, 2 }, { 4, 1 } };

static const char *
username(int n)
{
	return arena_printf(tool_arena, "user%d", n);
}

static void
load_people(const struct sample_many *many)
{
	char hash[PASSWORD_HASH_SIZE];
	size_t i;
	int n;

	for (n = 1; n <= PEOPLE; n++) {
		if (!password_hash(hash, PASSWORD))
			tool_fail(EX_OSERR, "the password could not be hashed");
		database_run(SQL_SAMPLE_PERSON, sample_id(many->account_type, n), username(n), hash);
	}
	for (i = 0; i < sizeof(contacts) / sizeof(contacts[0]); i++)
		database_run(SQL_SAMPLE_CONTACT, sample_id(many->account_type, contacts[i][0]),
		    sample_id(many->contact_type, contacts[i][1]), username(contacts[i][1]));
	if (many->people > PEOPLE)
		sample_many(many, hash);
	database_run(SQL_SAMPLE_SEQUENCE, text_decimal(tool_arena, (many->people > PEOPLE ? many->people : PEOPLE) + 1));
}

static int64_t
read_number(const char *option, const char *text, int64_t least)
{
	int64_t n;

	if (!text_number(text, least, MANY_MAX, &n))
		tool_usage("--%s %s: a number from %" PRId64 " to %d is expected", option, text, least, MANY_MAX);
	return n;
}

static const char *
read_options(int argc, char **argv, struct sample_many *many)
{
	static const struct option known[] = { { "redirect-uri", required_argument, NULL, 'r' },
		{ "people", required_argument, NULL, 'p' }, { "contacts", required_argument, NULL, 'c' }, { 0 } };
	const char *uri = NULL, *why;
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'r')
			uri = optarg;
		else if (option == 'p')
			many->people = read_number("people", optarg, PEOPLE + 1);
		else if (option == 'c')
			many->contacts = read_number("contacts", optarg, 0);
		else
			tool_usage("an option is wrong");
	}
	tool_no_more(argc, argv);
	if (uri != NULL && !redirect_uri_registrable(tool_arena, uri, &why))
		tool_usage("--redirect-uri %s: %s", uri, why);
	if (many->contacts > 0 && many->people == 0)
		tool_usage("--contacts needs --people: whose they are");
	return uri;
}

/* The client's new secret; nothing else changes of one that is there, so what was issued to it goes on. */
static const char *
load_client(const char *redirect_uri)
{
	struct client client = client_new();
	struct opaque_new new;
	struct opaque secret;
	const PGresult *renewed;

	opaque_make(&new, &secret, tool_arena, OPAQUE_SECRET);
	renewed = database_run(SQL_SAMPLE_CLIENT, CLIENT, secret.digest, redirect_uri, tool_operator());
	if (database_is(renewed, 0, "there"))
		return opaque_spell(&new, tool_arena, NULL);
	client.id = CLIENT;
	client.name = "Sample application";
	client.auth_method = "client_secret";
	client.redirect_uris = redirect_uri == NULL ? REDIRECT_URI : redirect_uri;
	client.query_token = true;
	client.pkce_required = false;
	client.sample = true;
	client_complete(&client);
	return client_register(&client);
}

int
sample(int argc, char **argv)
{
	struct sample_many many = { 0 };
	const char *redirect_uri = read_options(argc, argv, &many), *secret;
	const PGresult *state;

	user_need_shipped();
	database_script("begin", "sample");
	state = database_execute(SQL_SAMPLE_PEOPLE, NULL, 0);
	if (database_is(state, 0, "real"))
		tool_fail(EX_DATAERR, "this directory holds people who are no sample: try the product in a database of its own");
	if (many.people > 0 && database_is(state, 0, "many"))
		tool_fail(EX_DATAERR, "there are many sample people already: take a new database for another number of them");
	many.account_type = database_get(state, 0, "account_id_type");
	many.contact_type = database_get(state, 0, "contact_id_type");
	load_people(&many);
	secret = load_client(redirect_uri);
	database_script("commit", "sample");
	printf("CLIENT_ID='%s'\nCLIENT_SECRET='%s'\n", CLIENT, secret);
	return 0;
}
