/* SPDX-License-Identifier: ISC */
/* Counting in shared memory: what a client may send when, several processes at once, one of them killed in the middle. */
#include "config.h"

#include "server/limit.h"

#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/clock.h"
#include "server/shared.h"
#include "tap.h"

static const int64_t SECOND = 1000000000;

static struct limits *table;

/* How many of so many requests at that time are let through. */
static int
passed(uint64_t client, int64_t per_minute, int64_t now, int count)
{
	int good = 0;

	while (count-- > 0)
		good += !limit_count(table, client, per_minute, now).over;
	return good;
}

static void
rate(void)
{
	const int64_t t = 1000 * SECOND;
	uint64_t client = limit_id(table, "rate");
	struct limit l;

	l = limit_count(table, client, 60, t);
	ok(!l.over && l.left == 59 && l.wait == 1, "the first of 60: 59 are left, and after a second all");
	ok(passed(client, 60, t, 58) == 58, "58 more at once");
	l = limit_count(table, client, 60, t);
	ok(!l.over && l.left == 0 && l.wait == 1, "the last one says that none is left for a second");
	l = limit_count(table, client, 60, t);
	ok(l.over && l.left == 0 && l.wait == 1, "the next is one too many, for a second");
	ok(passed(client, 60, t, 100) == 0, "so are all others, and they don't count");
	ok(passed(client, 60, t + SECOND - 1, 1) == 0, "nothing before a second has passed");
	ok(passed(client, 60, t + SECOND, 5) == 1, "one after a second");
	ok(passed(client, 60, t + 11 * SECOND, 50) == 10, "ten after ten more");
	ok(passed(client, 60, t + 200 * SECOND, 100) == 60, "after a long time a minute's, and not more");
	l = limit_count(table, limit_id(table, "slow"), 1, t);
	ok(!l.over && l.left == 0 && l.wait == 60, "one a minute: the next in 60 seconds");
	l = limit_count(table, limit_id(table, "slow"), 1, t + 30 * SECOND);
	ok(l.over && l.wait == 30, "and half a minute later in 30");
	ok(passed(limit_id(table, "seven"), 7, t, 100) == 7, "seven: seven");
	ok(passed(limit_id(table, "many"), 1000000, t, 1000500) == 1000000, "a million: a million");
	ok(passed(limit_id(table, "other"), 60, t, 1) == 1, "another client is not concerned");
	l = limit_count(table, client, 120, t + 201 * SECOND);
	ok(!l.over && l.left == 1, "a limit that is raised: what was used is the same part of it (%" PRId64 ")", l.left);
}

static void
ids(void)
{
	struct limits *other = limit_new();
	char text[1100];
	uint64_t id;

	ok(limit_id(table, "a") == limit_id(table, "a") && limit_id(table, "a") != limit_id(table, "b"), "a name has one id");
	ok(limit_id(table, "a") != limit_id(other, "a"), "in another table another");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	id = limit_id(table, text);
	text[255] = 'y';
	ok(id != limit_id(table, text), "a long name counts to its end");
}

static void
names(void)
{
	static const char forty[] = "a-client-with-a-name-of-47-characters-0123456789";
	struct arena *arena = arena_new(65536);
	const char *name;

	name = limit_name(table, limit_named(table, "client-7"), arena);
	ok(name != NULL && strcmp(name, "client-7") == 0, "a client's name is kept");
	ok(limit_name(table, limit_id(table, "client-8"), arena) == NULL, "of another one it is not known");
	name = limit_name(table, limit_named(table, forty + 1), arena);
	ok(name != NULL && strcmp(name, forty + 1) == 0, "one of 47 characters is");
	ok(limit_name(table, limit_named(table, forty), arena) == NULL, "a longer one is not");
	arena_free(arena);
}

/* More clients than there are places: who is busy stays as long as it can, and the table never grows. */
static void
full(void)
{
	const int64_t t = 5000 * SECOND;
	char name[32];
	int i, kept = 0;

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "busy-%d", i);
		passed(limit_id(table, name), 10, t, 11);
	}
	for (i = 0; i < 300000; i++) {
		snprintf(name, sizeof(name), "once-%d", i);
		limit_count(table, limit_id(table, name), 6000, t);
	}
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "busy-%d", i);
		kept += limit_count(table, limit_id(table, name), 10, t).over;
	}
	ok(kept == 100, "300,000 clients with one request each: the 100 that were over their limit still are (%d)", kept);
	ok(passed(limit_id(table, "new"), 10, t, 20) == 10, "a new one has its own count");
}

static void
tokens(void)
{
	const int64_t t = 9000 * SECOND;
	uint64_t token = limit_id(table, "token"), client = limit_id(table, "its client"), wrong = 0;
	int64_t per_minute = 0;
	char name[32];
	int i, found = 0;

	ok(limit_recall(table, token, t, &per_minute) == 0, "a token that nobody has seen");
	limit_remember(table, token, client, 77, t);
	ok(limit_recall(table, token, t, &per_minute) == client && per_minute == 77, "it is remembered");
	limit_remember(table, token, client, 78, t);
	ok(limit_recall(table, token, t, &per_minute) == client && per_minute == 78, "with another limit");
	limit_remember(table, token, 0, 0, t);
	ok(limit_recall(table, token, t, &per_minute) == 0, "and forgotten");
	limit_remember(table, limit_id(table, "unknown"), 0, 0, t);
	for (i = 0; i < 300000; i++) {
		snprintf(name, sizeof(name), "token-%d", i);
		limit_remember(table, limit_id(table, name), (uint64_t)i + 1, i, t + i);
	}
	for (i = 0; i < 300000; i++) {
		snprintf(name, sizeof(name), "token-%d", i);
		client = limit_recall(table, limit_id(table, name), t, &per_minute);
		found += client != 0;
		wrong += client != 0 && (client != (uint64_t)i + 1 || per_minute != i);
	}
	ok(wrong == 0 && found > 100000 && found < 140000, "of 300,000 tokens some are found (%d), each with its own client",
	    found);
	ok(limit_recall(table, limit_id(table, "token-299999"), t, &per_minute) == 300000, "the newest is");
}

enum { CHILDREN = 4, MANY = 10000000 };

struct together {
	_Atomic int ready, good;
};

/* A child's part: when all are there it counts more than its share. */
static void
count_all(uint64_t client, struct together *t)
{
	int i, good = 0;

	atomic_fetch_add(&t->ready, 1);
	while (atomic_load(&t->ready) < CHILDREN)
		sched_yield();
	for (i = 0; i < MANY / CHILDREN + MANY / 10; i++)
		good += !limit_count(table, client, MANY, 20000 * SECOND).over;
	atomic_fetch_add(&t->good, good);
}

static void
together(void)
{
	struct together *t = shared_new(sizeof(*t));
	uint64_t client = limit_id(table, "together");
	pid_t pids[CHILDREN];
	int i;

	for (i = 0; i < CHILDREN; i++) {
		if ((pids[i] = fork()) == 0) {
			count_all(client, t);
			_exit(0);
		}
	}
	for (i = 0; i < CHILDREN; i++)
		waitpid(pids[i], NULL, 0);
	ok(atomic_load(&t->good) == MANY, "four processes at once: as many as may, and not one more (%d)", atomic_load(&t->good));
}

static _Noreturn void
scribble(void)
{
	char name[32];
	int64_t per_minute;
	int i;

	for (i = 0;; i = (i + 1) % 2000) {
		snprintf(name, sizeof(name), "scribble-%d", i);
		limit_count(table, limit_id(table, name), 100, clock_ns());
		limit_remember(table, limit_id(table, name), (uint64_t)i + 1, i, clock_ns());
		limit_recall(table, limit_id(table, name), clock_ns(), &per_minute);
	}
}

/* Processes are killed again and again while they write: what is found is right, and the table goes on. */
static void
killed(void)
{
	char name[32];
	int64_t per_minute;
	uint64_t client;
	int round, i, wrong = 0;
	pid_t pids[2];

	for (round = 0; round < 200; round++) {
		for (i = 0; i < 2; i++) {
			if ((pids[i] = fork()) == 0)
				scribble();
		}
		usleep((useconds_t)(random() % 2000));
		for (i = 0; i < 2; i++) {
			kill(pids[i], SIGKILL);
			waitpid(pids[i], NULL, 0);
		}
		for (i = 0; i < 2000; i++) {
			snprintf(name, sizeof(name), "scribble-%d", i);
			client = limit_recall(table, limit_id(table, name), clock_ns(), &per_minute);
			wrong += client != 0 && (client != (uint64_t)i + 1 || per_minute != i);
		}
	}
	ok(wrong == 0, "400 processes killed while they wrote: nothing that is remembered is wrong");
	client = limit_id(table, "after all");
	ok(passed(client, 50, clock_ns(), 50) == 50, "and a new client is counted");
	limit_remember(table, client, client, 50, clock_ns());
	ok(limit_recall(table, client, clock_ns(), &per_minute) == client, "and a token remembered");
}

int
main(void)
{
	table = limit_new();
	rate();
	ids();
	names();
	full();
	tokens();
	together();
	killed();
	return tap_end();
}
