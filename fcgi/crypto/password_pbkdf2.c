/* SPDX-License-Identifier: ISC */
/* Passwords against PBKDF2 hashes (RFC 8018 5.2) with HMAC-SHA-256 and HMAC-SHA-512, in the forms of Django and of Keycloak.
 *
 *     pbkdf2_sha256$ITERATIONS$SALT$HASH                 Django: the salt is text as it stands, the hash base64
 *     keycloak$pbkdf2-sha256$ITERATIONS$SALT$HASH        Keycloak: both base64, as its secret_data has them
 *
 * The length of the hash is the framework's own: one that lost its end is damaged, not easier to guess. */
#include "config.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/password_scheme.h"

enum { ITERATIONS_MAX = 3 * 1000 * 1000, SALT_MAX = 128, HASH_MAX = 64 };

struct form {
	const char *prefix;
	const EVP_MD *(*md)(void);
	bool salt_is_text;
	size_t size, old_size;    /* of the hash; Keycloak's SHA-256 had another until version 24 */
};

struct parsed {
	const struct form *form;
	int64_t iterations;
	unsigned char salt[SALT_MAX];
	size_t salt_size;
	unsigned char hash[HASH_MAX];
	size_t size;
};

static const struct form forms[] = {
	{ "pbkdf2_sha256$", EVP_sha256, true, 32, 32 },
	{ "pbkdf2_sha512$", EVP_sha512, true, 64, 64 },
	{ "keycloak$pbkdf2-sha256$", EVP_sha256, false, 32, 64 },
	{ "keycloak$pbkdf2-sha512$", EVP_sha512, false, 64, 64 },
};

static bool
read_salt(struct parsed *p, const char *text, size_t len)
{
	char salt[SALT_MAX + 1];
	long n = (long)len;

	if (len == 0 || len > SALT_MAX)
		return false;
	memcpy(p->salt, text, len);
	if (!p->form->salt_is_text) {
		memcpy(salt, text, len);
		salt[len] = '\0';
		n = text_unbase64(p->salt, sizeof(p->salt), salt);
	}
	p->salt_size = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool
read_hash(struct parsed *p, const char *text)
{
	long n = text_unbase64(p->hash, sizeof(p->hash), text);

	p->size = n > 0 ? (size_t)n : 0;
	return (p->size == p->form->size || p->size == p->form->old_size) && strlen(text) == (p->size + 2) / 3 * 4;
}

static bool
parse(struct parsed *p, const char *hash)
{
	const char *salt, *end, *numbers = NULL;
	size_t i;

	for (i = 0; numbers == NULL && i < sizeof(forms) / sizeof(forms[0]); i++) {
		p->form = &forms[i];
		numbers = password_after(hash, forms[i].prefix);
	}
	return numbers != NULL && (salt = password_number(numbers, '$', ITERATIONS_MAX, &p->iterations)) != NULL &&
	    (end = strchr(salt, '$')) != NULL && read_salt(p, salt, (size_t)(end - salt)) && read_hash(p, end + 1);
}

bool
password_pbkdf2_accepts(const char *hash)
{
	struct parsed p;

	return parse(&p, hash);
}

enum password_match
password_pbkdf2_match(const char *hash, const char *password)
{
	struct parsed p;
	unsigned char made[HASH_MAX];
	bool right;

	if (!parse(&p, hash) ||
	    PKCS5_PBKDF2_HMAC(password, (int)strlen(password), p.salt, (int)p.salt_size, (int)p.iterations, p.form->md(), (int)p.size,
	        made) != 1)
		return PASSWORD_UNUSABLE;
	right = digest_equal(made, p.hash, p.size);
	explicit_bzero(made, sizeof(made));
	return right ? PASSWORD_RIGHT : PASSWORD_WRONG;
}
