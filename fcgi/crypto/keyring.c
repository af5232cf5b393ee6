/* SPDX-License-Identifier: ISC */
/* A program's symmetric keys, and what is made of them for each purpose. */
#include "config.h"

#include "crypto/keyring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>

#include "base/log.h"
#include "base/text.h"
#include "crypto/digest.h"

static const char ID_SET[] = "abcdefghijklmnopqrstuvwxyz0123456789";

static bool
unhex(unsigned char out[KEY_SIZE], const char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	if (strlen(text) != 2 * KEY_SIZE || !text_only(text, digits))
		return false;
	for (i = 0; i < KEY_SIZE; i++)
		out[i] = (unsigned char)((strchr(digits, text[2 * i]) - digits) << 4 | (strchr(digits, text[2 * i + 1]) - digits));
	return true;
}

/* YYYY-MM-DDThh:mm:ssZ. */
static bool
is_time(const char *text)
{
	struct tm tm;
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	return end != NULL && *end == '\0' && strlen(text) == sizeof("YYYY-MM-DDThh:mm:ssZ") - 1;
}

/* One line "ID CREATED KEY"; the error is a sentence about the line, never a part of it. */
static const char *
read_line(struct keyring *ring, char *line)
{
	struct key *key = &ring->keys[ring->count];
	char *rest = line, *id = strsep(&rest, " "), *created = strsep(&rest, " ");

	if (ring->count == KEYRING_MAX)
		return "too many keys";
	if (rest == NULL || *id == '\0' || strlen(id) >= KEY_ID_SIZE || !text_only(id, ID_SET) || !is_time(created))
		return "not of the form ID CREATED KEY";
	if (keyring_find(ring, id) != NULL)
		return "an id that stands above";
	if (!unhex(key->secret, rest))
		return "a key that is not 64 hexadecimal digits";
	memcpy(key->id, id, strlen(id) + 1);
	memcpy(key->created, created, strlen(created) + 1);
	ring->count++;
	return NULL;
}

static bool
read_lines(struct keyring *ring, FILE *f, char *error, size_t size)
{
	char line[256];
	const char *wrong = NULL;
	int number = 0;

	while (wrong == NULL && fgets(line, sizeof(line), f) != NULL) {
		number++;
		if (strchr(line, '\n') == NULL && !feof(f))
			wrong = "too long";
		line[strcspn(line, "\n")] = '\0';
		if (wrong == NULL && *line != '\0' && *line != '#')
			wrong = read_line(ring, line);
	}
	explicit_bzero(line, sizeof(line));
	if (wrong != NULL)
		snprintf(error, size, "line %d: %s", number, wrong);
	else if (ferror(f))
		snprintf(error, size, "it can't be read: %s", strerror(errno));
	else if (ring->count == 0)
		snprintf(error, size, "it holds no key: make one with \"postern key create FILE\"");
	return wrong == NULL && !ferror(f) && ring->count > 0;
}

bool
keyring_read(struct keyring *ring, const char *path, char *error, size_t size)
{
	struct stat st;
	FILE *f;
	bool ok;

	memset(ring, 0, sizeof(*ring));
	if ((f = fopen(path, "re")) == NULL) {
		snprintf(error, size, "%s%s", strerror(errno), errno == ENOENT ? ": make it with \"postern key create FILE\"" : "");
		return false;
	}
	setvbuf(f, NULL, _IONBF, 0); /* no second copy of the keys in a buffer that nobody wipes */
	if (fstat(fileno(f), &st) != 0 || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		snprintf(error, size, "others than its owner may read or write it: chmod 600");
		ok = false;
	} else {
		ok = read_lines(ring, f, error, size);
	}
	fclose(f);
	if (!ok)
		explicit_bzero(ring, sizeof(*ring));
	return ok;
}

void
keyring_load(struct keyring *ring, const char *path)
{
	char error[256];

	if (!keyring_read(ring, path, error, sizeof(error)))
		log_fatal(EX_CONFIG, "keyring", "file", path, "what", error, NULL);
}

const struct key *
keyring_find(const struct keyring *ring, const char *id)
{
	size_t i;

	for (i = 0; i < ring->count; i++) {
		if (strcmp(ring->keys[i].id, id) == 0)
			return &ring->keys[i];
	}
	return NULL;
}

const struct key *
keyring_active(const struct keyring *ring)
{
	return &ring->keys[0];
}

void
key_derive(unsigned char out[KEY_SIZE], const struct key *key, const char *purpose)
{
	char info[64];
	int n = snprintf(info, sizeof(info), "postern %s", purpose);

	if (n < 0 || (size_t)n >= sizeof(info))
		log_fatal(EX_SOFTWARE, "keyring", "what", "a purpose that is too long", NULL);
	digest_hkdf(out, KEY_SIZE, key->secret, sizeof(key->secret), info, (size_t)n);
}

static void
tag_with(char out[TAG_SIZE], const struct key *key, const char *purpose, const char *message, size_t n)
{
	unsigned char derived[KEY_SIZE], mac[DIGEST_SIZE];
	size_t len = strlen(key->id);

	key_derive(derived, key, purpose);
	digest_hmac(mac, derived, message, n);
	explicit_bzero(derived, sizeof(derived));
	memcpy(out, key->id, len);
	out[len] = '.';
	text_base64url(out + len + 1, mac, sizeof(mac));
}

void
keyring_tag(char out[TAG_SIZE], const struct keyring *ring, const char *purpose, const char *message, size_t n)
{
	tag_with(out, keyring_active(ring), purpose, message, n);
}

bool
keyring_tagged(const char *tag, const struct keyring *ring, const char *purpose, const char *message, size_t n)
{
	char id[KEY_ID_SIZE], made[TAG_SIZE];
	size_t len = strcspn(tag, ".");
	const struct key *key;

	if (len >= sizeof(id))
		return false;
	memcpy(id, tag, len);
	id[len] = '\0';
	if ((key = keyring_find(ring, id)) == NULL)
		return false;
	tag_with(made, key, purpose, message, n);
	return strlen(tag) == strlen(made) && digest_equal((const unsigned char *)tag, (const unsigned char *)made, strlen(made));
}
