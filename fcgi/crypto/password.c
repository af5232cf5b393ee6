/* SPDX-License-Identifier: ISC */
/* Passwords against crypt(3) hashes (libxcrypt): yescrypt for new ones, every scheme but DES, MD5 and NT for old ones. */
#include "config.h"

#include "crypto/password.h"

#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/random.h"

/* What an unknown name costs: a setting of the form that password_hash makes (its cost is libxcrypt's default). */
static const char NOBODY[] = "$y$j9T$vUjFfFl0cPW1SEmcPVJbE/$";

static const char *const accepted[] = { "$y$", "$gy$", "$7$", "$2a$", "$2b$", "$2x$", "$2y$", "$6$", "$5$", "$sha1$" };

bool
password_accepted(const char *hash)
{
	size_t i;

	for (i = 0; hash != NULL && i < sizeof(accepted) / sizeof(accepted[0]); i++) {
		if (strncmp(hash, accepted[i], strlen(accepted[i])) == 0)
			return true;
	}
	return false;
}

/* crypt_r's 32 KiB, kept once a worker: on the stack they would be too much, and what it leaves in them is wiped. */
static bool
hash_with(char *out, size_t size, const char *password, const char *setting)
{
	static struct crypt_data data;
	const char *hash = crypt_r(password, setting, &data);
	bool ok = hash != NULL && hash[0] != '*' && strlen(hash) < size;

	if (ok)
		memcpy(out, hash, strlen(hash) + 1);
	explicit_bzero(&data, sizeof(data));
	return ok;
}

bool
password_verify(const char *hash, const char *password)
{
	char made[PASSWORD_HASH_SIZE];
	bool short_enough = strlen(password) <= PASSWORD_MAX;

	/* crypt_r refuses a hash that is damaged at once, and that too must cost what a good one does. */
	if (short_enough && password_accepted(hash) && hash_with(made, sizeof(made), password, hash))
		return strlen(made) == strlen(hash) &&
		    digest_equal((const unsigned char *)made, (const unsigned char *)hash, strlen(hash));
	hash_with(made, sizeof(made), short_enough ? password : "", NOBODY);
	return false;
}

bool
password_hash(char out[PASSWORD_HASH_SIZE], const char *password)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE], salt[16];

	if (*password == '\0' || strlen(password) > PASSWORD_MAX) {
		errno = EINVAL;
		return false;
	}
	random_bytes((unsigned char *)salt, sizeof(salt));
	if (crypt_gensalt_rn("$y$", 0, salt, sizeof(salt), setting, sizeof(setting)) == NULL)
		return false;
	return hash_with(out, PASSWORD_HASH_SIZE, password, setting);
}
