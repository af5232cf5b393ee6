/* SPDX-License-Identifier: ISC */
/* Passwords against the hashes that frameworks make: which scheme it is, and what it costs where it is none. */
#include "config.h"

#include "crypto/password.h"

#include <errno.h>
#include <string.h>

#include "crypto/password_scheme.h"

/* Where there is no decoy: a setting of the form that password_hash makes (its cost is libxcrypt's default). */
static const char NOBODY[] = "$y$j9T$vUjFfFl0cPW1SEmcPVJbE/$";

static const struct scheme {
	bool (*accepts)(const char *hash);
	enum password_match (*match)(const char *hash, const char *password);
} schemes[] = {
	{ password_crypt_accepts, password_crypt_match },
	{ password_pbkdf2_accepts, password_pbkdf2_match },
	{ password_argon2_accepts, password_argon2_match },
};

static const struct scheme *
scheme_of(const char *hash)
{
	size_t i;

	for (i = 0; hash != NULL && strlen(hash) < PASSWORD_HASH_SIZE && i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (schemes[i].accepts(hash))
			return &schemes[i];
	}
	return NULL;
}

static enum password_match
match(const char *hash, const char *password)
{
	const struct scheme *scheme = scheme_of(hash);

	return scheme == NULL ? PASSWORD_UNUSABLE : scheme->match(hash, password);
}

bool
password_accepted(const char *hash)
{
	return scheme_of(hash) != NULL;
}

bool
password_verify(const char *hash, const char *password, const char *decoy)
{
	bool short_enough = strlen(password) <= PASSWORD_MAX;
	const char *tried = short_enough ? password : "";
	enum password_match result = match(hash, tried);

	if (result == PASSWORD_UNUSABLE && match(decoy, tried) == PASSWORD_UNUSABLE)
		match(NOBODY, tried);
	return short_enough && result == PASSWORD_RIGHT;
}

bool
password_hash(char out[PASSWORD_HASH_SIZE], const char *password)
{
	if (*password == '\0' || strlen(password) > PASSWORD_MAX) {
		errno = EINVAL;
		return false;
	}
	return password_crypt_new(out, PASSWORD_HASH_SIZE, password);
}

bool
password_current(const char *hash)
{
	return password_crypt_is_new(hash);
}

const char *
password_after(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

const char *
password_number(const char *text, char end, int64_t max, int64_t *ret)
{
	int64_t n = 0;

	for (; *text >= '0' && *text <= '9' && n <= max; text++)
		n = n * 10 + (*text - '0');
	if (n < 1 || n > max || *text != end)
		return NULL;
	*ret = n;
	return text + 1;
}
