/* SPDX-License-Identifier: ISC */
/* Loaded before the libraries of a program under test: writes a line with scheme and cost of each password hash that it computes to
 * the file that HASH_CALLS names, and nothing of password, salt or digest. */
#include <argon2.h>
#include <crypt.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
next(void *ret, const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (f == NULL)
		abort();
	memcpy(ret, &f, sizeof(f));
}

static void
tell(const char *line)
{
	const char *path = getenv("HASH_CALLS");
	int fd = open(path == NULL ? "/dev/null" : path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		abort();
	close(fd);
}

/* "$6$rounds=1000" of "$6$rounds=1000$salt$digest", "$6" where the salt follows at once. */
char *
crypt_r(const char *phrase, const char *setting, struct crypt_data *restrict data)
{
	char *(*theirs)(const char *, const char *, struct crypt_data *);
	char *hash, line[128];
	size_t n = 1 + strcspn(setting + 1, "$");

	next(&theirs, "crypt_r");
	hash = theirs(phrase, setting, data);
	if (strncmp(setting + n, "$rounds=", 8) == 0 || strchr("yg2s", setting[1]) != NULL)
		n += 1 + strcspn(setting + n + 1, "$");
	snprintf(line, sizeof(line), "%.*s%s\n", (int)n, setting, hash == NULL || *hash == '*' ? " refused" : "");
	tell(line);
	return hash;
}

int
PKCS5_PBKDF2_HMAC(const char *pass, int passlen, const unsigned char *salt, int saltlen, int iter, const EVP_MD *digest, int keylen,
    unsigned char *out)
{
	int (*theirs)(const char *, int, const unsigned char *, int, int, const EVP_MD *, int, unsigned char *);
	char line[128];

	next(&theirs, "PKCS5_PBKDF2_HMAC");
	snprintf(line, sizeof(line), "pbkdf2 %d %d\n", iter, keylen);
	tell(line);
	return theirs(pass, passlen, salt, saltlen, iter, digest, keylen, out);
}

int
argon2_ctx(argon2_context *context, argon2_type type)
{
	int (*theirs)(argon2_context *, argon2_type);
	char line[128];

	next(&theirs, "argon2_ctx");
	snprintf(line, sizeof(line), "argon2 m=%u,t=%u,p=%u\n", context->m_cost, context->t_cost, context->lanes);
	tell(line);
	return theirs(context, type);
}
