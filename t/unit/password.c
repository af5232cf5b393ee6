/* SPDX-License-Identifier: ISC */
/* Passwords: each crypt(3) scheme that is accepted, each that is not, and what a wrong one costs. */
#include "config.h"

#include "crypto/password.h"

#include <crypt.h>
#include <string.h>
#include <time.h>

#include "tap.h"

static void
accepted(void)
{
	static const char *const prefixes[] = { "$y$", "$gy$", "$7$", "$2b$", "$2a$", "$2y$", "$6$", "$5$", "$sha1$" };
	static struct crypt_data data;
	char setting[CRYPT_GENSALT_OUTPUT_SIZE], *hash = NULL;
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		memset(&data, 0, sizeof(data));
		if (!ok(crypt_gensalt_rn(
		            prefixes[i], strncmp(prefixes[i], "$2", 2) == 0 ? 4 : 0, NULL, 0, setting, sizeof(setting)) != NULL &&
		            (hash = crypt_r("p\303\244ssword", setting, &data)) != NULL && *hash != '*',
		        "libxcrypt makes a hash of %s", prefixes[i]))
			continue;
		ok(password_accepted(hash), "%s is accepted", prefixes[i]);
		ok(password_verify(hash, "p\303\244ssword"), "%s: the right password", prefixes[i]);
		ok(!password_verify(hash, "p\303\244ssworD"), "%s: a wrong one", prefixes[i]);
		ok(!password_verify(hash, ""), "%s: an empty one", prefixes[i]);
	}
	/* Of crypt_blowfish's test vectors: the variant that only old hashes have. */
	ok(password_verify("$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "\243"), "$2x$ is accepted");
}

static void
refused(void)
{
	static const struct {
		const char *what, *hash, *password;
	} hashes[] = {
		{ "traditional DES", "abJnggxhB/yWI", "password" },
		{ "big DES", "_J9..MJHnRQjrz2wzGkc", "password" },
		{ "MD5", "$1$abcdefgh$G//4keteveJp0qb8z2DxG/", "password" },
		{ "Sun's MD5", "$md5$rounds=904$Vc3VgyFx44iS8.Yu$Scf90iLWN6O6mT9TA06NK/", "test" },
		{ "NT", "$3$$8846f7eaee8fb117ad06bdd830b7586c", "password" },
		{ "plain text", "password", "password" },
		{ "an empty hash", "", "" },
		{ "a locked one", "!", "password" },
		{ "a disabled one", "*", "password" },
		{ "crypt's own failure", "*0", "password" },
		{ "another failure", "*1", "password" },
		{ "a scheme that nobody has", "$99$salt$hash", "password" },
		{ "a prefix alone", "$y$", "" },
		{ "a setting alone", "$y$j9T$vUjFfFl0cPW1SEmcPVJbE/", "" },
		{ "a locked good one",
		    "!$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
		    "Hello world!" },
	};
	size_t i;

	ok(!password_accepted(NULL) && !password_verify(NULL, "password"), "no hash is no password");
	for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		ok(!password_verify(hashes[i].hash, hashes[i].password), "refused: %s", hashes[i].what);
	for (i = 0; i < 5; i++)
		ok(!password_accepted(hashes[i].hash), "not accepted: %s", hashes[i].what);
	ok(password_verify("$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
	       "Hello world!"),
	    "the last one, not locked, is a published vector of SHA-512");
}

static void
made(void)
{
	char one[PASSWORD_HASH_SIZE], two[PASSWORD_HASH_SIZE], text[PASSWORD_MAX + 2];

	ok(password_hash(one, "secret") && strncmp(one, "$y$j9T$", 7) == 0, "a new hash is yescrypt's");
	ok(password_verify(one, "secret") && !password_verify(one, "Secret"), "it knows its password and no other");
	ok(password_hash(two, "secret") && strcmp(one, two) != 0, "the same password makes another hash");
	ok(!password_hash(one, ""), "there is no empty password");
	memset(text, 'x', sizeof(text));
	text[PASSWORD_MAX] = '\0';
	ok(password_hash(one, text) && password_verify(one, text), "the longest password works");
	text[PASSWORD_MAX] = 'x';
	text[PASSWORD_MAX + 1] = '\0';
	ok(!password_hash(two, text) && !password_verify(one, text), "a longer one is refused, not cut");
}

static double
cpu_seconds(const char *hash, const char *password)
{
	struct timespec before, after;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	password_verify(hash, password);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	return (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
}

/* Nobody learns from the time whether there is such an account: what can't be right costs a hash too. */
static void
cost(void)
{
	static const char *const hashes[] = { NULL, "", "!", "$1$abcdefgh$G//4keteveJp0qb8z2DxG/", "$y$", "$6$rounds=x$" };
	char hash[PASSWORD_HASH_SIZE], text[PASSWORD_MAX + 2];
	double one;
	size_t i;

	password_hash(hash, "secret");
	one = cpu_seconds(hash, "wrong");
	for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		ok(cpu_seconds(hashes[i], "wrong") > one / 4, "SE-4: against \"%s\" it costs a hash",
		    hashes[i] == NULL ? "(none)" : hashes[i]);
	memset(text, 'x', sizeof(text));
	text[PASSWORD_MAX + 1] = '\0';
	ok(cpu_seconds(hash, text) > one / 4, "SE-4: so does a password that is too long");
}

int
main(void)
{
	accepted();
	refused();
	made();
	cost();
	return tap_end();
}
