/* SPDX-License-Identifier: ISC */
/* Passwords against Argon2id hashes (RFC 9106), in the form of its reference implementation and in Django's.
 *
 *     $argon2id$v=19$m=65536,t=4,p=1$SALT$HASH           PHP and most others: KiB, passes, lanes; base64 without padding
 *     argon2$argon2id$v=19$m=102400,t=2,p=8$SALT$HASH    Django
 *
 * The lanes are computed one after the other: a worker has no threads, and the hash is the same. */
#include "config.h"

#include <argon2.h>
#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/password_scheme.h"

/* Together about two seconds: as many passes over so much memory as would be eight over the most. */
enum { PASSES_MAX = 1024, LANES_MAX = 16, WORK_MAX = 8 * PASSWORD_MEMORY_KIB };
enum { SALT_MIN = 8, SALT_MAX = 64, HASH_MIN = 16, HASH_MAX = 64 };

struct parsed {
	int64_t version, memory, passes, lanes;
	unsigned char salt[SALT_MAX], hash[HASH_MAX];
	size_t salt_size, hash_size;
};

/* Decodes unpadded base64 of min to max bytes; 0 where it is none. */
static size_t
decode(unsigned char *dst, size_t min, size_t max, const char *text, size_t len)
{
	char copy[128];
	long n;

	if (len >= sizeof(copy))
		return 0;
	memcpy(copy, text, len);
	copy[len] = '\0';
	n = memchr(copy, '=', len) != NULL ? -1 : text_unbase64(dst, max, copy);
	return n >= (long)min ? (size_t)n : 0;
}

/* "v=19$m=65536,t=4,p=1$" */
static const char *
parse_cost(struct parsed *p, const char *text)
{
	if ((text = password_after(text, "v=")) == NULL ||
	    (text = password_number(text, '$', ARGON2_VERSION_13, &p->version)) == NULL ||
	    (text = password_after(text, "m=")) == NULL ||
	    (text = password_number(text, ',', PASSWORD_MEMORY_KIB, &p->memory)) == NULL ||
	    (text = password_after(text, "t=")) == NULL || (text = password_number(text, ',', PASSES_MAX, &p->passes)) == NULL ||
	    (text = password_after(text, "p=")) == NULL || (text = password_number(text, '$', LANES_MAX, &p->lanes)) == NULL)
		return NULL;
	if (p->version != ARGON2_VERSION_10 && p->version != ARGON2_VERSION_13)
		return NULL;
	return p->memory * p->passes <= WORK_MAX && p->memory >= 8 * p->lanes ? text : NULL;
}

static bool
parse(struct parsed *p, const char *hash)
{
	const char *text, *end;

	if ((text = password_after(hash, "argon2$")) == NULL)
		text = hash[0] == '$' ? hash + 1 : "";
	if ((text = password_after(text, "argon2id$")) == NULL || (text = parse_cost(p, text)) == NULL ||
	    (end = strchr(text, '$')) == NULL)
		return false;
	p->salt_size = decode(p->salt, SALT_MIN, SALT_MAX, text, (size_t)(end - text));
	p->hash_size = decode(p->hash, HASH_MIN, HASH_MAX, end + 1, strlen(end + 1));
	return p->salt_size > 0 && p->hash_size > 0;
}

bool
password_argon2_accepts(const char *hash)
{
	struct parsed p;

	return parse(&p, hash);
}

enum password_match
password_argon2_match(const char *hash, const char *password)
{
	struct parsed p;
	unsigned char made[HASH_MAX], copy[512];
	argon2_context context = { .out = made, .pwd = copy, .salt = p.salt, .threads = 1 };
	size_t n = strlen(password);
	bool right;

	if (!parse(&p, hash) || n >= sizeof(copy))
		return PASSWORD_UNUSABLE;
	memcpy(copy, password, n + 1);
	context.pwdlen = (uint32_t)n;
	context.outlen = (uint32_t)p.hash_size;
	context.saltlen = (uint32_t)p.salt_size;
	context.t_cost = (uint32_t)p.passes;
	context.m_cost = (uint32_t)p.memory;
	context.lanes = (uint32_t)p.lanes;
	context.version = (uint32_t)p.version;
	right = argon2_ctx(&context, Argon2_id) == ARGON2_OK;
	explicit_bzero(copy, sizeof(copy));
	if (!right)
		return PASSWORD_UNUSABLE;
	right = digest_equal(made, p.hash, p.hash_size);
	explicit_bzero(made, sizeof(made));
	return right ? PASSWORD_RIGHT : PASSWORD_WRONG;
}
