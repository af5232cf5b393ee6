/* SPDX-License-Identifier: ISC */
/* server/settings: each wrong value is named, all at once. */
#include "config.h"

#include "server/settings.h"

#include <sysexits.h>

#include "tap.h"

struct pair {
	const char *name, *value;
};

/* A good environment for all programs. */
static const struct pair good[] = {
	{ "POSTERN_ISSUER", "https://login.example.com:81" },
	{ "POSTERN_CONTACTS_URL", "https://login.example.com:82/contacts" },
	{ "POSTERN_KEYRING", "/proc/self/status" },
	{ "POSTERN_DEVICE_KEYRING", "/proc/self/status" },
	{ "POSTERN_PAGES", "/" },
	{ "POSTERN_MIGRATIONS", "/" },
	{ "POSTERN_RUN", "/" },
};

static const struct pair wrong[] = {
	{ "POSTERN_ISSUER", "" },
	{ "POSTERN_ISSUER", "http://a.example" },
	{ "POSTERN_ISSUER", "HTTPS://a.example" },
	{ "POSTERN_ISSUER", "https://" },
	{ "POSTERN_ISSUER", "https://A.example" },
	{ "POSTERN_ISSUER", "https://a..example" },
	{ "POSTERN_ISSUER", "https://-a.example" },
	{ "POSTERN_ISSUER", "https://a-.example" },
	{ "POSTERN_ISSUER", "https://a_b.example" },
	{ "POSTERN_ISSUER", "https://u@a.example" },
	{ "POSTERN_ISSUER", "https://u:p@a.example" },
	{ "POSTERN_ISSUER", "https://a.example:" },
	{ "POSTERN_ISSUER", "https://a.example:0" },
	{ "POSTERN_ISSUER", "https://a.example:081" },
	{ "POSTERN_ISSUER", "https://a.example:65536" },
	{ "POSTERN_ISSUER", "https://a.example:x" },
	{ "POSTERN_ISSUER", "https://[::1" },
	{ "POSTERN_ISSUER", "https://[]" },
	{ "POSTERN_ISSUER", "https://a.example/" },
	{ "POSTERN_ISSUER", "https://a.example/b" },
	{ "POSTERN_ISSUER", "https://a.example/b/" },
	{ "POSTERN_ISSUER", "https://a.example//b" },
	{ "POSTERN_ISSUER", "https://a.example/../b" },
	{ "POSTERN_ISSUER", "https://a.example?x" },
	{ "POSTERN_ISSUER", "https://a.example/b?x=y" },
	{ "POSTERN_ISSUER", "https://a.example/b#c" },
	{ "POSTERN_ISSUER", "https://a.example/b c" },
	{ "POSTERN_ISSUER", " https://a.example" },
	{ "POSTERN_CONTACTS_URL", "http://a.example/contacts" },
	{ "POSTERN_CONTACTS_URL", "https://a.example/contacts?x" },
	{ "POSTERN_CONTACTS_URL", "https://a.example" },
	{ "POSTERN_CONTACTS_URL", "https://a.example/api/contacts" },
	{ "POSTERN_KEYRING", "/nonexistent" },
	{ "POSTERN_KEYRING", "/" },
	{ "POSTERN_PAGES", "/nonexistent" },
	{ "POSTERN_MIGRATIONS", "/proc/self/status" },
	{ "POSTERN_RUN", "/nonexistent" },
	{ "POSTERN_ROLES", "Postern" },
	{ "POSTERN_ROLES", "a b" },
	{ "POSTERN_ROLES", "a\";drop" },
	{ "POSTERN_ROLES", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
	{ "POSTERN_WORKERS", "-1" },
	{ "POSTERN_WORKERS", "1025" },
	{ "POSTERN_WORKERS", "two" },
	{ "POSTERN_CODE_SECONDS", "0" },
	{ "POSTERN_CODE_SECONDS", "61" },
	{ "POSTERN_ACCESS_SECONDS", "59" },
	{ "POSTERN_ACCESS_SECONDS", "86401" },
	{ "POSTERN_SESSION_IDLE_SECONDS", "1e3" },
	{ "POSTERN_SESSION_SECONDS", "99999999999999999999" },
	{ "POSTERN_LOGIN_ACCOUNT_LIMIT", "0" },
	{ "POSTERN_LOGIN_ADDRESS_LIMIT", " 1" },
	{ "POSTERN_AUDIT_MONTHS", "0" },
	{ "POSTERN_AUDIT_MONTHS", "1201" },
};

static const struct {
	const char *issuer, *origin;
} issuers[] = {
	{ "https://login.example.com:81", "https://login.example.com:81" },
	{ "https://login.example.com", "https://login.example.com" },
	{ "https://login.example.com:443", "https://login.example.com" },
	{ "https://login.example.com:4430", "https://login.example.com:4430" },
	{ "https://localhost:65535", "https://localhost:65535" },
	{ "https://127.0.0.1:1", "https://127.0.0.1:1" },
	{ "https://[::1]:81", "https://[::1]:81" },
};

static void
set_good(void)
{
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		setenv(good[i].name, good[i].value, 1);
}

static void
read_wrong(const void *arg)
{
	const struct pair *p = arg;

	setenv(p->name, p->value, 1);
	settings_read(FOR_SERVERS | FOR_TOOL);
}

static void
read_none(const void *unused)
{
	(void)unused;
	unsetenv("POSTERN_ISSUER");
	unsetenv("POSTERN_KEYRING");
	setenv("POSTERN_WORKERS", "many", 1);
	setenv("POSTERN_CODE_SECONDS", "600", 1);
	settings_read(FOR_SERVERS);
}

static void
read_token(const void *unused)
{
	(void)unused;
	setenv("POSTERN_PAGES", "/nonexistent", 1);
	setenv("POSTERN_CODE_SECONDS", "600", 1);
	settings_read(FOR_TOKEN);
}

static void
test_wrong(void)
{
	char said[8192], named[64];
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(named, sizeof(named), " name=%s ", wrong[i].name);
		ok(child(read_wrong, &wrong[i], said, sizeof(said)) == EX_CONFIG && strstr(said, named) != NULL &&
		    strchr(said, '\n') == said + strlen(said) - 1, "%s=\"%s\" is named, 78", wrong[i].name, wrong[i].value);
	}
	ok(child(read_none, NULL, said, sizeof(said)) == EX_CONFIG, "four mistakes");
	ok(strstr(said, "POSTERN_ISSUER") != NULL && strstr(said, "POSTERN_KEYRING") != NULL &&
	    strstr(said, "name=POSTERN_WORKERS given=many allowed=\"a whole number from 0 to 1024\"") != NULL &&
	    strstr(said, "name=POSTERN_CODE_SECONDS given=600 allowed=\"a whole number from 1 to 60\"") != NULL,
	    "all are told, with what is allowed");
	ok(child(read_token, NULL, said, sizeof(said)) == 0, "what a program doesn't read isn't judged");
}

int
main(void)
{
	const struct settings *s;
	size_t i;

	/* The suite's own, which are no settings. */
	unsetenv("POSTERN_BUILD");
	unsetenv("POSTERN_SRC");

	set_good();
	for (i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++) {
		setenv("POSTERN_ISSUER", issuers[i].issuer, 1);
		s = settings_read(FOR_SERVERS);
		is(s->issuer, issuers[i].issuer, "the issuer as it was given");
		is(s->issuer_origin, issuers[i].origin, "and its origin");
	}
	setenv("POSTERN_WORKERS", "", 1);
	setenv("POSTERN_ACCESS_SECONDS", "600", 1);
	s = settings_read(FOR_SERVERS | FOR_TOOL);
	ok(s->workers == 0 && s->code_seconds == 60 && s->access_seconds == 600, "defaults, also for an empty value; a number given");
	is(s->roles, "postern", "a text's default");
	set_good();
	test_wrong();
	return tap_end();
}
