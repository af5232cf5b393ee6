/* SPDX-License-Identifier: ISC */
/* Passwords against crypt(3) hashes (libxcrypt): every scheme but DES, MD5 and NT, each within bounds. */
#include "config.h"

#include <crypt.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/password.h"
#include "crypto/password_scheme.h"
#include "crypto/random.h"

/* The digits of crypt(3)'s numbers, in their order. */
static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum { ROUNDS_MAX = 1000 * 1000, BCRYPT_MAX = 15 };

static int
digit(char c)
{
	const char *p = c == '\0' ? NULL : strchr(digits, c);

	return p == NULL ? -1 : (int)(p - digits);
}

/* N blocks of 128 * r bytes, N = 2^log2. */
static bool
memory_bounded(int log2, int r)
{
	return log2 > 0 && log2 < 22 && r > 0 && r <= (PASSWORD_MEMORY_KIB * 8 >> log2);
}

/* yescrypt as crypt_gensalt sets it: flags "j", log2(N) - 1 and r - 1 of one digit each.  What only others could set (p, t, g, ROM)
 * follows there and is not taken. */
static bool
yescrypt_bounded(const char *p)
{
	enum { ONE_DIGIT = 48 };
	int log2, r;

	if (p[0] != 'j' || (log2 = digit(p[1])) < 0 || (r = digit(p[2])) < 0 || p[3] != '$')
		return false;
	return log2 < ONE_DIGIT && r < ONE_DIGIT && memory_bounded(log2 + 1, r + 1);
}

/* scrypt: log2(N) of one digit, r and p of five, the lowest first. */
static bool
scrypt_bounded(const char *p)
{
	int log2, r, high, i;

	if ((log2 = digit(p[0])) < 0 || (r = digit(p[1])) < 0 || (high = digit(p[2])) < 0)
		return false;
	for (i = 3; i < 11; i++) {
		if (p[i] != (i == 6 ? '/' : '.'))    /* p is 1, r less than 4096 */
			return false;
	}
	return memory_bounded(log2, r + 64 * high);
}

static bool
bcrypt_bounded(const char *p)
{
	int64_t cost;

	return p[0] >= '0' && p[0] <= '1' && p[1] != '$' && password_number(p, '$', BCRYPT_MAX, &cost) == p + 3;
}

/* SHA-256 and SHA-512: 5000 rounds where none are said. */
static bool
sha_bounded(const char *p)
{
	int64_t rounds;
	const char *said = password_after(p, "rounds=");

	return said == NULL || password_number(said, '$', ROUNDS_MAX, &rounds) != NULL;
}

static bool
sha1_bounded(const char *p)
{
	int64_t rounds;

	return password_number(p, '$', ROUNDS_MAX, &rounds) != NULL;
}

bool
password_crypt_accepts(const char *hash)
{
	static const struct {
		const char *prefix;
		bool (*bounded)(const char *);
	} schemes[] = {
		{ "$y$", yescrypt_bounded },
		{ "$gy$", yescrypt_bounded },
		{ "$7$", scrypt_bounded },
		{ "$2a$", bcrypt_bounded },
		{ "$2b$", bcrypt_bounded },
		{ "$2x$", bcrypt_bounded },
		{ "$2y$", bcrypt_bounded },
		{ "$6$", sha_bounded },
		{ "$5$", sha_bounded },
		{ "$sha1$", sha1_bounded },
	};
	const char *behind;
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if ((behind = password_after(hash, schemes[i].prefix)) != NULL)
			return schemes[i].bounded(behind);
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

enum password_match
password_crypt_match(const char *hash, const char *password)
{
	char made[PASSWORD_HASH_SIZE];

	if (!password_crypt_accepts(hash) || !hash_with(made, sizeof(made), password, hash))
		return PASSWORD_UNUSABLE;
	return strlen(made) == strlen(hash) &&
	        digest_equal((const unsigned char *)made, (const unsigned char *)hash, strlen(hash)) ?
	    PASSWORD_RIGHT : PASSWORD_WRONG;
}

static bool
new_setting(char out[CRYPT_GENSALT_OUTPUT_SIZE])
{
	char salt[16];

	random_bytes((unsigned char *)salt, sizeof(salt));
	return crypt_gensalt_rn("$y$", 0, salt, sizeof(salt), out, CRYPT_GENSALT_OUTPUT_SIZE) != NULL;
}

bool
password_crypt_new(char *out, size_t size, const char *password)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	return new_setting(setting) && hash_with(out, size, password, setting);
}

bool
password_crypt_is_new(const char *hash)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	/* "$y$", the cost, "$"; then the salt. */
	return new_setting(setting) && strncmp(hash, setting, 4 + strcspn(setting + 3, "$")) == 0;
}
