/* SPDX-License-Identifier: ISC */
/* The limit of a client's requests to the contacts API.
 *
 * A request is counted once, as early as its client is known: before the database is asked, if its token was seen lately, so that who is
 * over the limit costs no statement; else after the statement.  An answer to a known client says what is left
 * (draft-ietf-httpapi-ratelimit-headers). */
#include "config.h"

#include "contacts/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/db.h"
#include "http/request.h"
#include "http/response.h"
#include "oauth/bearer.h"
#include "server/limit.h"
#include "server/settings.h"

static struct limits *table;

/* Of the request that is being served. */
static struct {
	uint64_t token;
	uint64_t client; /* 0: not known yet, or without limit */
	int64_t per_minute;
	bool counted;
} current;

void
limits_share(void)
{
	table = limit_new();
}

static enum err
count(struct request *rq, enum err e)
{
	struct limit limit = limit_count(table, current.client, current.per_minute, clock_ns());
	long long per_minute = current.per_minute;

	current.counted = true;
	response_header(rq, "RateLimit-Policy", arena_printf(rq->arena, "\"client\";q=%lld;w=60", per_minute));
	response_header(
	    rq, "RateLimit", arena_printf(rq->arena, "\"client\";r=%lld;t=%lld", (long long)limit.left, (long long)limit.wait));
	if (!limit.over)
		return e;
	rq->retry_after = limit.wait;
	rq->asking.client_id = limit_name(table, current.client, rq->arena);
	return refuse(rq, ERR_TOO_MANY_REQUESTS, "more than %lld requests in a minute", per_minute);
}

enum err
limits_known(struct request *rq, const struct bearer *bearer)
{
	current.counted = false;
	current.token = limit_id(table, bearer->token.digest);
	current.client = limit_recall(table, current.token, clock_ns(), &current.per_minute);
	return current.client == 0 ? OK : count(rq, OK);
}

/* What the statement says; a client without limit is as none. */
static uint64_t
client_of(const struct request *rq, const struct rows *rows, int64_t *ret_per_minute)
{
	const char *id = row_text(rows, "client_id");

	*ret_per_minute = row_text(rows, "per_minute") == NULL ? rq->settings->contacts_per_minute : row_number(rows, "per_minute");
	return id == NULL || *ret_per_minute == 0 ? 0 : limit_named(table, id);
}

enum err
limits_judged(struct request *rq, const struct rows *rows, enum err e)
{
	int64_t per_minute;
	uint64_t client;

	if (rows == NULL)
		return e;
	client = client_of(rq, rows, &per_minute);
	if (client != current.client || (client != 0 && per_minute != current.per_minute)) {
		current.client = client;
		current.per_minute = per_minute;
		limit_remember(table, current.token, client, per_minute, clock_ns());
	}
	return client == 0 || current.counted ? e : count(rq, e);
}
