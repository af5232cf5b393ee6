/* SPDX-License-Identifier: ISC */
/* postern check: the reading statements for one person of the directory, and how long they take.
 *
 * A token of a client that is nobody's is written first, in a transaction that from then on only reads, and is rolled back. */
#include "config.h"

#include <stdint.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "admin/check.h"
#include "admin/database.h"
#include "admin/postern.h"
#include "admin/probe.h"
#include "admin/statements.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "server/settings.h"

/* Microseconds from which on a statement is slow: what a page of contacts takes from a server in the same house is a tenth of it. */
enum { SLOW = 50000, TURNS = 5 };

/* values has a letter for each parameter: S, D slot and digest of the token, o owner, i contact, u user name, s a snapshot, n 100,
 * a and z the beginning of a word and what comes after all that begin so, p profile, x a text, t and f true and false, - null. */
static const struct trial {
	const char *program;
	const struct statement *statements;
	const char *name;
	const char *values;
	const char *label; /* NULL: the name */
} trials[] = {
	{ "authorize", admin_statements, "hookup_name", "u", "a user name" },
	{ "token", token_statements, "profile", "SDf", NULL },
	{ "token", token_statements, "check", "SDpp", NULL },
	{ "contacts", contacts_statements, "contact", "SDfi", NULL },
	{ "contacts", contacts_statements, "contacts", "SDf---nt", NULL },
	{ "contacts", contacts_statements, "contacts_by_name", "SDf----nt", NULL },
	{ "contacts", contacts_statements, "contacts_search", "SDfaz---nt", NULL },
	{ "contacts", contacts_statements, "contacts_sync", "SDfxoxs---nt", NULL },
};

/* What the letters stand for. */
struct asked {
	const struct sample *person;
	const char *slot, *digest, *snapshot;
};

static const char *
value(const struct asked *p, char letter)
{
	switch (letter) {
	case 'S':
		return p->slot;
	case 'D':
		return p->digest;
	case 'o':
		return p->person->id;
	case 'i':
		return p->person->contact;
	case 'u':
		return p->person->username;
	case 's':
		return p->snapshot;
	case 'n':
		return "100";
	case 'a':
		return "a";
	case 'z':
		return "a\xef\xbf\xbf";
	case 'p':
		return "profile";
	case '-':
		return NULL;
	default:
		return arena_strndup(tool_arena, &letter, 1);
	}
}

static int64_t
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static const struct statement *
statement_of(const struct trial *t)
{
	const struct statement *s = t->statements;

	while (s->name != NULL && strcmp(s->name, t->name) != 0)
		s++;
	if (s->name == NULL || (size_t)s->parameters != strlen(t->values))
		tool_fail(EX_SOFTWARE, "%s is not there, or has another number of parameters", t->name);
	return s;
}

/* The best time of some turns, of which the first one may have to connect to another server; -1 where it can't be executed. */
static int64_t
measure(const struct trial *t, const struct asked *p, const PGresult **ret_result)
{
	const struct statement *s = statement_of(t);
	const char **values = arena_array(tool_arena, strlen(t->values), sizeof(*values));
	int64_t begun, took, best = INT64_MAX;
	size_t i;

	for (i = 0; t->values[i] != '\0'; i++)
		values[i] = value(p, t->values[i]);
	if (!probe_good(*ret_result = probe_prepare(s)))
		return -1;
	for (i = 0; i < TURNS; i++) {
		begun = microseconds();
		if (!probe_good(*ret_result = probe_prepared(s, values)))
			return -1;
		if ((took = microseconds() - begun) < best)
			best = took;
	}
	return best;
}

/* The statement's own verdict of a good token of an active account. */
static const char *
verdict_of(const PGresult *r)
{
	return PQfnumber(r, "verdict") < 0 ? "ok" : database_get(r, 0, "verdict");
}

static const char *
label(const struct trial *t)
{
	return t->label == NULL ? t->name : t->label;
}

static void
failed(const struct trial *t, const PGresult *r)
{
	if (r != NULL && probe_failed(r, "57014"))
		check_fail("time", "see the findings about plans; a foreign table needs the index on its server",
		    "%s takes longer than the 300 ms after which a program gives up", label(t));
	else
		check_fail("time", "see that the server behind a foreign table answers, and that the views can be read", "%s: %s",
		    label(t), probe_words(r));
}

static const char *
try_one(const struct trial *t, const struct asked *p, const char *roles)
{
	const PGresult *r;
	int64_t took;

	probe_become(arena_printf(tool_arena, "%s-%s", roles, t->program));
	if ((took = measure(t, p, &r)) < 0)
		failed(t, r);
	else if (strcmp(verdict_of(r), "ok") != 0)
		check_fail("time",
		    "an account must be found again by the id that the view shows, "
		    "id and credential must not change by themselves, "
		    "and active must be true or false",
		    "%s says %s to a good token of an active account", label(t), verdict_of(r));
	else if (took >= SLOW)
		check_note("time", "see the findings about plans; a foreign table needs the index on its server",
		    "%s takes %lld ms", label(t), (long long)took / 1000);
	else
		return arena_printf(tool_arena, "%s %lld.%02lld ms", label(t), (long long)took / 1000, (long long)took % 1000 / 10);
	return NULL;
}

static void
try_all(const struct asked *p, const char *roles)
{
	const char *good = NULL, *one;
	const struct statement *s;
	size_t i;

	for (i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
		s = statement_of(&trials[i]);
		if ((s->needs != NULL && !database_is(database_run(SQL_CHECK_THERE, s->needs), 0, "there")) ||
		    (strchr(trials[i].values, 'i') != NULL && p->person->contact == NULL))
			continue;
		probe_ask("savepoint trial");
		if ((one = try_one(&trials[i], p, roles)) != NULL)
			good = good == NULL ? one : arena_printf(tool_arena, "%s, %s", good, one);
		probe_ask("rollback to trial");
	}
	if (good != NULL)
		check_ok("time", "%s", good);
}

static bool
write_token(struct asked *p)
{
	unsigned char digest[DIGEST_SIZE];
	const char *client = arena_printf(tool_arena, "check-%lld", (long long)microseconds());
	const PGresult *r;

	random_bytes(digest, sizeof(digest));
	p->digest = text_bytea(tool_arena, digest, sizeof(digest));
	if (!probe_good(r = probe_run(SQL_HOOKUP_TOKEN, client, p->digest, p->person->id, p->person->credential))) {
		check_note("time", "run this where the database can be written to", "not measured: %s", probe_words(r));
		return false;
	}
	p->slot = database_get(r, 0, "slot");
	p->snapshot = database_get(r, 0, "snapshot");
	return true;
}

void
check_times(const struct settings *s, const struct sample *person)
{
	struct asked p = { .person = person };

	if (person->id == NULL || s->roles == NULL || !probe_begin_writing())
		return;
	if (write_token(&p)) {
		probe_read_only();
		try_all(&p, s->roles);
	}
	probe_end();
}
