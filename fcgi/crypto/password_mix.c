/* SPDX-License-Identifier: ISC */
/* Schemes and costs as a directory has them, out of which a name that nobody has is given one. */
#include "config.h"

#include "crypto/password_mix.h"

#include <string.h>

/* All tickets together: the finest share of the mix. */
enum { TICKETS = 64 };

void
password_mix_add(struct password_mix *mix, const char *hash, int64_t accounts)
{
	if (mix->count == PASSWORD_MIX_MAX || accounts < 1 || !password_accepted(hash))
		return;
	memcpy(mix->kinds[mix->count].hash, hash, strlen(hash) + 1);
	mix->kinds[mix->count++].accounts = accounts;
	mix->total += accounts;
}

/* What a name makes of one ticket. */
static uint64_t
lot(const unsigned char name[DIGEST_SIZE], const char *hash, unsigned char ticket)
{
	unsigned char text[DIGEST_SIZE + 1 + PASSWORD_HASH_SIZE], digest[DIGEST_SIZE];
	size_t n = strlen(hash);
	uint64_t value;

	memcpy(text, name, DIGEST_SIZE);
	text[DIGEST_SIZE] = ticket;
	memcpy(text + DIGEST_SIZE + 1, hash, n + 1);
	digest_sha256(digest, text, DIGEST_SIZE + 1 + n);
	memcpy(&value, digest, sizeof(value));
	return value;
}

/* Each kind has as many tickets as its share, at least one, and the smallest of all wins: a kind that grows or shrinks takes or
 * leaves only the names whose tickets come or go, whatever the order. */
const char *
password_mix_draw(const struct password_mix *mix, const unsigned char name[DIGEST_SIZE])
{
	const char *drawn = NULL;
	uint64_t value, smallest = 0;
	int64_t tickets, ticket;
	size_t i;

	for (i = 0; i < mix->count; i++) {
		tickets = (mix->kinds[i].accounts * TICKETS + mix->total / 2) / mix->total;
		for (ticket = 0; ticket == 0 || ticket < tickets; ticket++) {
			value = lot(name, mix->kinds[i].hash, (unsigned char)ticket);
			if (drawn == NULL || value < smallest) {
				smallest = value;
				drawn = mix->kinds[i].hash;
			}
		}
	}
	return drawn;
}
