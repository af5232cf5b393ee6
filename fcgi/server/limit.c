/* SPDX-License-Identifier: ISC */
/* How many requests a client makes, counted in memory that a program's workers share.
 *
 * Two tables of a fixed size, each of small buckets that a hash chooses.  A client has one number: the time at which its bucket is full
 * again.  When that has passed, the place says no more than an empty one, so the place that is taken for a new client is the one whose
 * time is the oldest: as long as fewer than PLACES clients of one bucket are busy, nothing is lost by it.
 *
 * A token's place is four words that are written one by one.  The first is made of the others and the token, so what is read while another
 * worker writes, or after one died in the middle, is no token's: it is not found. */
#include "config.h"

#include "server/limit.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "server/shared.h"

enum { CLIENT_BUCKETS = 4096, TOKEN_BUCKETS = 16384, PLACES = 8, SECRET = 32, TEXT_MAX = 480, NAME_WORDS = 6 };

static const int64_t SECOND = 1000000000, MINUTE = 60 * SECOND;

struct client {
	_Atomic uint64_t id;
	_Atomic int64_t whole;             /* when nothing counts any more, by clock_ns() */
	_Atomic uint64_t name[NAME_WORDS]; /* the text that has this id, for the log, or anything */
};

struct token {
	_Atomic uint64_t check; /* the token's id ^ client ^ per_minute */
	_Atomic uint64_t client;
	_Atomic int64_t per_minute;
	_Atomic int64_t seen;
};

struct limits {
	unsigned char secret[SECRET];
	struct client clients[CLIENT_BUCKETS][PLACES];
	struct token tokens[TOKEN_BUCKETS][PLACES];
};

struct limits *
limit_new(void)
{
	struct limits *l = shared_new(sizeof(*l));

	random_bytes(l->secret, sizeof(l->secret));
	return l;
}

uint64_t
limit_id(const struct limits *l, const char *text)
{
	unsigned char data[SECRET + TEXT_MAX], digest[DIGEST_SIZE];
	size_t len = strnlen(text, TEXT_MAX);
	uint64_t id;

	memcpy(data, l->secret, SECRET);
	memcpy(data + SECRET, text, len);
	digest_sha256(digest, data, SECRET + len);
	memcpy(&id, digest, sizeof(id));
	return id != 0 ? id : 1;
}

/* The client's place, taken for it where it has none.  Two workers that take one for the same client may find two of them: the first is
 * used from then on, and what the other counted is forgotten. */
static struct client *
place(struct limits *l, uint64_t id)
{
	struct client *bucket = l->clients[id % CLIENT_BUCKETS], *c, *oldest;
	uint64_t was;

	do {
		for (oldest = c = bucket; c < bucket + PLACES; c++) {
			if (atomic_load(&c->id) == id)
				return c;
			if (atomic_load(&c->whole) < atomic_load(&oldest->whole))
				oldest = c;
		}
		was = atomic_load(&oldest->id);
	} while (!atomic_compare_exchange_strong(&oldest->id, &was, id));
	atomic_store(&oldest->whole, 0);
	return oldest;
}

uint64_t
limit_named(struct limits *l, const char *client)
{
	uint64_t id = limit_id(l, client), words[NAME_WORDS] = { 0 };
	struct client *c = place(l, id);
	size_t i;

	memcpy(words, client, strnlen(client, sizeof(words) - 1));
	for (i = 0; i < NAME_WORDS; i++) {
		if (atomic_load(&c->name[i]) != words[i])
			atomic_store(&c->name[i], words[i]);
	}
	return id;
}

const char *
limit_name(struct limits *l, uint64_t client, struct arena *arena)
{
	struct client *c = place(l, client);
	uint64_t words[NAME_WORDS];
	char name[sizeof(words)];
	size_t i;

	for (i = 0; i < NAME_WORDS; i++)
		words[i] = atomic_load(&c->name[i]);
	memcpy(name, words, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	return limit_id(l, name) == client ? arena_strdup(arena, name) : NULL;
}

static int64_t
seconds(int64_t ns)
{
	return (ns + SECOND - 1) / SECOND;
}

struct limit
limit_count(struct limits *l, uint64_t client, int64_t per_minute, int64_t now)
{
	struct client *c = place(l, client);
	int64_t step = MINUTE / per_minute, whole = atomic_load(&c->whole), next, left;

	do {
		next = (whole > now ? whole : now) + step;
		if (next > now + MINUTE)
			return (struct limit){ .over = true, .wait = seconds(next - now - MINUTE) };
	} while (!atomic_compare_exchange_weak(&c->whole, &whole, next));
	left = (now + MINUTE - next) / step;
	return (struct limit){ .left = left, .wait = seconds(left > 0 ? next - now : next + step - now - MINUTE) };
}

static bool
is(struct token *t, uint64_t token, uint64_t *ret_client, int64_t *ret_per_minute)
{
	*ret_client = atomic_load(&t->client);
	*ret_per_minute = atomic_load(&t->per_minute);
	return atomic_load(&t->check) == (token ^ *ret_client ^ (uint64_t)*ret_per_minute);
}

/* The place of a token, else the one that was not seen for the longest time. */
static struct token *
find(struct limits *l, uint64_t token)
{
	struct token *bucket = l->tokens[token % TOKEN_BUCKETS], *t, *oldest = bucket;
	uint64_t client;
	int64_t per_minute;

	for (t = bucket; t < bucket + PLACES; t++) {
		if (is(t, token, &client, &per_minute))
			return t;
		if (atomic_load(&t->seen) < atomic_load(&oldest->seen))
			oldest = t;
	}
	return oldest;
}

void
limit_remember(struct limits *l, uint64_t token, uint64_t client, int64_t per_minute, int64_t now)
{
	struct token *t = find(l, token);
	uint64_t was;
	int64_t limit;

	if (client == 0 && !is(t, token, &was, &limit))
		return;
	atomic_store(&t->client, client);
	atomic_store(&t->per_minute, per_minute);
	atomic_store(&t->check, client == 0 ? 0 : token ^ client ^ (uint64_t)per_minute);
	atomic_store(&t->seen, client == 0 ? 0 : now);
}

uint64_t
limit_recall(struct limits *l, uint64_t token, int64_t now, int64_t *ret_per_minute)
{
	struct token *t = find(l, token);
	uint64_t client;

	if (!is(t, token, &client, ret_per_minute))
		return 0;
	if (now - atomic_load(&t->seen) > SECOND)
		atomic_store(&t->seen, now);
	return client;
}
