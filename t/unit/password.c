/* SPDX-License-Identifier: ISC */
/* Passwords: each scheme that is verified, each that is not, and what a wrong one costs, by the calls of the hash functions. */
#include "config.h"

#include "crypto/password.h"

#include <argon2.h>
#include <crypt.h>
#include <dlfcn.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/password_mix.h"
#include "tap.h"

/* A hash that costs little, for what can't be right. */
static const char DECOY[] = "$5$rounds=1000$....$...........................................";

/* What the libraries computed since the last look: the functions below stand before theirs, pass on, and count what was not
 * refused. */
static int crypts, pbkdf2s, argon2s;

static void
next(void *ret, const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (f == NULL)
		abort();
	memcpy(ret, &f, sizeof(f));
}

char *
crypt_r(const char *phrase, const char *setting, struct crypt_data *restrict data)
{
	char *(*theirs)(const char *, const char *, struct crypt_data *);
	char *hash;

	next(&theirs, "crypt_r");
	hash = theirs(phrase, setting, data);
	crypts += hash != NULL && *hash != '*';
	return hash;
}

int
PKCS5_PBKDF2_HMAC(const char *pass, int passlen, const unsigned char *salt, int saltlen, int iter, const EVP_MD *digest, int keylen,
    unsigned char *out)
{
	int (*theirs)(const char *, int, const unsigned char *, int, int, const EVP_MD *, int, unsigned char *);

	next(&theirs, "PKCS5_PBKDF2_HMAC");
	pbkdf2s++;
	return theirs(pass, passlen, salt, saltlen, iter, digest, keylen, out);
}

int
argon2_ctx(argon2_context *context, argon2_type type)
{
	int (*theirs)(argon2_context *, argon2_type);
	int result;

	next(&theirs, "argon2_ctx");
	result = theirs(context, type);
	argon2s += result == ARGON2_OK;
	return result;
}

/* The one call since the last look, or "none", or "many". */
static const char *
called(void)
{
	static const char *const names[] = { "none", "crypt", "pbkdf2", "", "argon2" };
	const char *which = crypts + pbkdf2s + argon2s > 1 ? "many" : names[crypts + 2 * pbkdf2s + 4 * argon2s];

	crypts = pbkdf2s = argon2s = 0;
	return which;
}

static bool
verified(const char *hash, const char *password)
{
	return password_verify(hash, password, NULL);
}

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
		ok(verified(hash, "p\303\244ssword"), "%s: the right password", prefixes[i]);
		ok(!verified(hash, "p\303\244ssworD"), "%s: a wrong one", prefixes[i]);
		ok(!verified(hash, ""), "%s: an empty one", prefixes[i]);
	}
	/* Of crypt_blowfish's test vectors: the variant that only old hashes have. */
	ok(verified("$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "\243"), "$2x$ is accepted");
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

	ok(!password_accepted(NULL) && !verified(NULL, "password"), "no hash is no password");
	for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		ok(!verified(hashes[i].hash, hashes[i].password), "refused: %s", hashes[i].what);
	for (i = 0; i < 5; i++)
		ok(!password_accepted(hashes[i].hash), "not accepted: %s", hashes[i].what);
	ok(verified("$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
	       "Hello world!"),
	    "the last one, not locked, is a published vector of SHA-512");
}

static void
made(void)
{
	char one[PASSWORD_HASH_SIZE], two[PASSWORD_HASH_SIZE], text[PASSWORD_MAX + 2];

	ok(password_hash(one, "secret") && strncmp(one, "$y$j9T$", 7) == 0, "a new hash is yescrypt's");
	ok(verified(one, "secret") && !verified(one, "Secret"), "it knows its password and no other");
	ok(password_hash(two, "secret") && strcmp(one, two) != 0, "the same password makes another hash");
	ok(!password_hash(one, ""), "there is no empty password");
	memset(text, 'x', sizeof(text));
	text[PASSWORD_MAX] = '\0';
	ok(password_hash(one, text) && verified(one, text), "the longest password works");
	text[PASSWORD_MAX] = 'x';
	text[PASSWORD_MAX + 1] = '\0';
	ok(!password_hash(two, text) && !verified(one, text), "a longer one is refused, not cut");
}

/* Of t/passwords/hashes: what the frameworks make of one password. */
static const char TYPED[] = "Gr\303\274\303\237e, \316\251-Passwort 1";

/* A hash that was damaged is one of nobody's, and costs one hash like any other. */
static void
damaged(const char *who, const char *hash)
{
	const char *call;
	char copy[PASSWORD_HASH_SIZE];
	size_t n = strlen(hash), i;
	int verifies = 0, costs = 0;

	for (i = 0; i < 6; i++) {
		snprintf(copy, sizeof(copy), i == 5 ? "%sA" : "%s", hash);
		if (i == 0 || i == 1)
			copy[n - 1 - i] = '\0';
		else if (i == 4)
			copy[n / 2] = '\0';
		else if (i < 4)
			copy[i == 2 ? n - 8 : n - 40] ^= 1;
		called();
		verifies += password_verify(copy, TYPED, DECOY);
		call = called();
		costs += strcmp(call, "none") != 0 && strcmp(call, "many") != 0;
	}
	ok(verifies == 0, "DI-2: %s, %.24s: a damaged one never verifies", who, hash);
	ok(costs == 6, "DI-2: and costs one hash");
}

static const char *
library_of(const char *hash)
{
	if (strncmp(hash, "pbkdf2", 6) == 0 || strncmp(hash, "keycloak", 8) == 0)
		return "pbkdf2";
	return strstr(hash, "argon2") != NULL ? "argon2" : "crypt";
}

static void
frameworks(void)
{
	const char *source = getenv("POSTERN_SRC");
	char path[4096], line[1024], *hash;
	int count = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/t/passwords/hashes", source == NULL ? "." : source);
	if (!ok((in = fopen(path, "r")) != NULL, "%s is there", path))
		return;
	while (fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (*line == '#' || (hash = strchr(line, '\t')) == NULL)
			continue;
		*hash++ = '\0';
		ok(password_accepted(hash), "DI-2: %s, %.24s: is accepted", line, hash);
		called();
		ok(verified(hash, TYPED), "DI-2: %s, %.24s: the right password", line, hash);
		ok(strcmp(called(), library_of(hash)) == 0, "by one hash of its own scheme");
		ok(!verified(hash, "Gr\303\274\303\237e, \316\251-Passwort 2"), "DI-2: %s: a wrong one", line);
		ok(strcmp(called(), library_of(hash)) == 0, "by one hash as well");
		damaged(line, hash);
		count++;
	}
	fclose(in);
	ok(count == 19, "DI-2: %d hashes of frameworks", count);
}

/* The library computes lanes in threads of their own, a worker one after the other. */
static void
lanes(void)
{
	char hash[PASSWORD_HASH_SIZE];

	ok(argon2id_hash_encoded(2, 1024, 4, TYPED, sizeof(TYPED) - 1, "saltsalt", 8, 32, hash, sizeof(hash)) == ARGON2_OK,
	    "libargon2 makes a hash of four lanes");
	ok(verified(hash, TYPED) && !verified(hash, "typed"), "DI-2: it verifies without threads");
	ok(argon2i_hash_encoded(2, 1024, 4, TYPED, sizeof(TYPED) - 1, "saltsalt", 8, 32, hash, sizeof(hash)) == ARGON2_OK &&
	        !verified(hash, TYPED),
	    "DI-2: one of Argon2i never does");
}

/* A row that would hold a worker, or take its memory, is one that can't be verified; as much as is allowed is. */
static void
bounded(void)
{
	static const struct {
		const char *hash;
		bool accepted;
	} hashes[] = {
		{ "$y$jF5$salt$", true },
		{ "$y$jJT$salt$", false },
		{ "$y$jzT$salt$", false },
		{ "$y$j9z$salt$", false },
		{ "$y$kD5$salt$", false },
		{ "$y$j9T", false },
		{ "$gy$jJT$salt$", false },
		{ "$7$EU..../....salt$", true },
		{ "$7$FU..../....salt$", false },
		{ "$7$zU..../....salt$", false },
		{ "$7$CU.../..../salt$", false },
		{ "$7$CU....0....salt$", false },
		{ "$7$CU..../...", false },
		{ "$2b$15$", true },
		{ "$2b$16$", false },
		{ "$2b$31$", false },
		{ "$2b$5$", false },
		{ "$2b$005$", false },
		{ "$6$salt$", true },
		{ "$6$rounds=1000000$salt$", true },
		{ "$6$rounds=1000001$salt$", false },
		{ "$5$rounds=999999999$salt$", false },
		{ "$5$rounds=99999999999999999999999$salt$", false },
		{ "$5$rounds=$salt$", false },
		{ "$sha1$1000000$salt$", true },
		{ "$sha1$4294967295$salt$", false },
		{ "pbkdf2_sha256$3000000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", true },
		{ "pbkdf2_sha256$3000001$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false },
		{ "pbkdf2_sha256$4294967297$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false },
		{ "pbkdf2_sha256$0$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false },
		{ "pbkdf2_sha256$-1$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false },
		{ "pbkdf2_sha256$1000$$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false },
		{ "pbkdf2_sha256$1000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false },
		{ "pbkdf2_sha256$1000$salt$", false },
		{ "pbkdf2_sha256$1000$salt", false },
		{ "pbkdf2_sha512$1000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false },
		{ "pbkdf2_sha1$1000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAA=", false },
		{ "keycloak$pbkdf2$1000$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false },
		{ "keycloak$pbkdf2-sha256$1000$A-_A$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false },
		{ "keycloak$pbkdf2-sha512$1000$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false },
		{ "$argon2id$v=19$m=262144,t=8,p=16$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", true },
		{ "$argon2id$v=19$m=262145,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false },
		{ "$argon2id$v=19$m=262144,t=9,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false },
		{ "$argon2id$v=19$m=8,t=4294967295,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false },
		{ "$argon2id$v=19$m=1024,t=1,p=17$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false },
		{ "$argon2id$v=19$m=64,t=1,p=16$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false },
		{ "$argon2id$v=18$m=1024,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false },
		{ "$argon2id$v=19$m=1024,t=1,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA", false },
		{ "$argon2id$v=19$m=1024,t=1,p=1$AAAAAAAAAAA$AAAAAA", false },
		{ "$argon2id$v=19$m=1024,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA==", false },
		{ "$argon2i$v=19$m=1024,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false },
		{ "argon2$argon2i$v=19$m=1024,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false },
		{ "argon2id$v=19$m=1024,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false },
		{ "bcrypt_sha256$$2b$12$abcdefghijklmnopqrstuu", false },
		{ "{SSHA}AAAA", false },
	};
	char text[PASSWORD_HASH_SIZE + 1];
	size_t i;

	for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		ok(password_accepted(hashes[i].hash) == hashes[i].accepted, "DI-2: %s is %s", hashes[i].hash,
		    hashes[i].accepted ? "accepted" : "refused");
	memset(text, 'x', sizeof(text));
	memcpy(text, "$6$salt$", 8);
	text[PASSWORD_HASH_SIZE] = '\0';
	ok(!password_accepted(text), "DI-2: one that is too long is refused");
}

/* SE-4: what can't be right costs one hash, of the scheme that it is given. */
static void
cost(void)
{
	static const char *const hashes[] = { NULL, "", "!", "$1$abcdefgh$G//4keteveJp0qb8z2DxG/", "$y$", "$y$j9T", "$6$rounds=x$",
		"$2b$04$", "pbkdf2_sha256$1000$salt", "$argon2id$v=19$m=1024,t=1,p=1", "plain" };
	static const char *const decoys[][2] = {
		{ DECOY, "crypt" },
		{ "pbkdf2_sha256$1000$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "pbkdf2" },
		{ "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "argon2" },
		{ NULL, "crypt" },
		{ "$2b$04$", "crypt" },
		{ "damaged", "crypt" },
	};
	char text[PASSWORD_MAX + 2];
	size_t i, j;

	memset(text, 'x', sizeof(text));
	text[PASSWORD_MAX + 1] = '\0';
	for (j = 0; j < sizeof(decoys) / sizeof(decoys[0]); j++) {
		for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
			called();
			ok(!password_verify(hashes[i], "plain", decoys[j][0]) && strcmp(called(), decoys[j][1]) == 0,
			    "SE-4: against \"%s\" it costs a hash of %s", hashes[i] == NULL ? "(none)" : hashes[i],
			    decoys[j][0] == NULL ? "ours" : decoys[j][0]);
		}
		ok(!password_verify(NULL, text, decoys[j][0]) && strcmp(called(), decoys[j][1]) == 0,
		    "SE-4: so does a password that is too long");
	}
	ok(!password_verify(decoys[1][0], text, DECOY) && strcmp(called(), "pbkdf2") == 0,
	    "SE-4: a password that is too long costs one of the account's own");
	ok(!password_verify(NULL, "x", "$5$rounds=1000$x$BjIAnn47.mj3kVuOkYW7mSfLUqAOmV8yv3Sjtn7IkI2"), "SE-4: no decoy is ever right");
}

static void
current(void)
{
	char hash[PASSWORD_HASH_SIZE];

	ok(password_hash(hash, "secret") && password_current(hash), "a new hash is a new one");
	ok(!password_current("$y$j8T$vUjFfFl0cPW1SEmcPVJbE/$") && !password_current("$y$jAT$vUjFfFl0cPW1SEmcPVJbE/$"),
	    "one of another cost isn't");
	ok(!password_current("$6$salt$") && !password_current("$gy$j9T$salt$") && !password_current("$y$j"), "nor of another scheme");
}

/* How many of 4000 names draw that hash. */
static int
drawing(const struct password_mix *mix, const char *hash)
{
	unsigned char name[DIGEST_SIZE];
	const char *drawn;
	int i, n = 0;

	for (i = 0; i < 4000; i++) {
		digest_sha256(name, &i, sizeof(i));
		drawn = password_mix_draw(mix, name);
		n += drawn != NULL && strcmp(drawn, hash) == 0;
	}
	return n;
}

static void
mixed(void)
{
	static const char *const kinds[] = { "$y$j9T$.$", "$2b$10$.", "$6$.$" };
	static struct password_mix mix, turned, grown;
	unsigned char name[DIGEST_SIZE];
	int i, n, same = 0, moved = 0;
	const char *before;

	ok(drawing(&mix, kinds[0]) == 0, "SE-4: an empty mix has nothing to draw");
	password_mix_add(&mix, kinds[0], 3000);
	password_mix_add(&mix, "$1$never$", 5000);
	password_mix_add(&mix, kinds[1], 0);
	ok(drawing(&mix, kinds[0]) == 4000, "SE-4: of one that can be computed, all draw that");
	password_mix_add(&mix, kinds[1], 900);
	password_mix_add(&mix, kinds[2], 100);
	n = drawing(&mix, kinds[0]);
	ok(n > 2800 && n < 3200, "SE-4: three quarters of the accounts, three of the names (%d of 4000)", n);
	n = drawing(&mix, kinds[1]);
	ok(n > 780 && n < 1020, "SE-4: a quarter (%d)", n);
	n = drawing(&mix, kinds[2]);
	ok(n > 60 && n < 150, "SE-4: what is rare is drawn by few (%d)", n);
	for (i = 2; i >= 0; i--)
		password_mix_add(&turned, kinds[i], i == 0 ? 3000 : i == 1 ? 900 : 100);
	password_mix_add(&grown, kinds[0], 3100);
	password_mix_add(&grown, kinds[1], 800);
	password_mix_add(&grown, kinds[2], 100);
	for (i = 0; i < 4000; i++) {
		digest_sha256(name, &i, sizeof(i));
		before = password_mix_draw(&mix, name);
		same += strcmp(before, password_mix_draw(&turned, name)) == 0;
		moved += strcmp(before, password_mix_draw(&grown, name)) != 0;
	}
	ok(same == 4000, "SE-4: always the same for a name, in whatever order the mix was read");
	ok(moved > 0 && moved < 300, "SE-4: when a few accounts change, few names do (%d)", moved);
	for (i = 0; i < 2 * PASSWORD_MIX_MAX; i++)
		password_mix_add(&grown, kinds[0], 1);
	ok(grown.count == PASSWORD_MIX_MAX, "a mix has its bound");
}

int
main(void)
{
	accepted();
	refused();
	made();
	frameworks();
	lanes();
	bounded();
	cost();
	current();
	mixed();
	return tap_end();
}
