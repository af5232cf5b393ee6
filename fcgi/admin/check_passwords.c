/* SPDX-License-Identifier: ISC */
/* postern check: which schemes do the password hashes have, which of them don't verify, and does a credential change with the form of
 * a hash?  No hash is ever shown, and of a scheme only a known prefix. */
#include "config.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "admin/check.h"
#include "admin/database.h"
#include "admin/plan.h"
#include "admin/postern.h"
#include "admin/probe.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/text.h"
#include "crypto/password.h"

enum { SCHEMES_MAX = 64 };

struct scheme {
	const char *name;
	long long accepted, refused, costs;
};

struct schemes {
	struct scheme of[SCHEMES_MAX];
	size_t count;
	long long without;
};

/* Rows of one scheme differ in cost; what was cut off has none, and does not verify. */
static void
collect(struct schemes *all, const PGresult *r, int row)
{
	const char *name = database_get(r, row, "scheme"), *setting = database_get(r, row, "setting");
	long long accounts = strtoll(database_get(r, row, "accounts"), NULL, 10);
	struct scheme *s = all->of;

	if (name == NULL) {
		all->without += accounts;
		return;
	}
	while (s < all->of + all->count && strcmp(s->name, name) != 0)
		s++;
	if (s == all->of + SCHEMES_MAX)
		return;
	if (s == all->of + all->count) {
		all->count++;
		s->name = name;
	}
	s->costs += setting != NULL;
	if (password_accepted(setting))
		s->accepted += accounts;
	else
		s->refused += accounts;
}

static void
tell(const struct schemes *all)
{
	const struct scheme *s;

	for (s = all->of; s < all->of + all->count; s++) {
		if (s->accepted > 0)
			check_ok("passwords", "%lld of %s", s->accepted, s->name);
		if (s->refused > 0 && strncmp(s->name, "locked", strlen("locked")) == 0)
			check_note("passwords", "these people can't sign in with a password", "%lld of %s", s->refused, s->name);
		else if (s->refused > 0)
			check_fail("passwords",
			    s->accepted > 0 ?
			        "they are damaged, or cost more than is allowed: look whether the column is long enough" :
			        "such a hash never verifies: these people need a new password in your application first, "
			        "or a hash of a scheme that doc/passwords.md names",
			    "%lld of %s can't sign in", s->refused, s->name);
	}
	if (all->without > 0)
		check_note(
		    "passwords", "these people can't sign in with a password", "%lld active accounts have none", all->without);
	if (all->count == 0 && all->without == 0)
		check_note(
		    "passwords", "if there should be some, look at the view directory.account", "there is no active account");
}

static bool
several_costs(const struct schemes *all)
{
	size_t i;

	for (i = 0; i < all->count; i++) {
		if (all->of[i].costs > 1)
			return true;
	}
	return false;
}

/* The shipped credential is made of the hash.  Our own rehash carries sessions and grants along; another application's does not. */
static void
check_credential(const struct schemes *all)
{
	const PGresult *r;
	struct json_object *json;

	if (!probe_begin())
		return;
	r = probe_ask("explain (verbose, costs off, format json) select password_hash, credential from directory.account");
	probe_end();
	if (!probe_good(r))
		return;
	json = plan_read(PQgetvalue(r, 0, 0));
	if (plan_derives(json, 1, 0))
		check_note("passwords",
		    "if your application makes a better hash of the same password at sign-in (as Django, Laravel and PHP's "
		    "password_needs_rehash do), each such sign-in ends that person's tokens: then let credential "
		    "be the time of the last "
		    "password change (extract(epoch from password_changed_at)::text)",
		    "credential is made of the hash%s",
		    several_costs(all) ? ", and hashes of several costs are there: something replaces old ones" : "");
	else
		check_ok(
		    "passwords", "they are in a table of your own, which is never written to, and credential is not made of them");
	json_object_put(json);
}

void
check_passwords(const char *most)
{
	static struct schemes all;
	const PGresult *r;
	int row;

	if (!probe_begin())
		return;
	probe_patient(PROBE_SEARCH);
	r = probe_run(SQL_HOOKUP_SCHEMES, most);
	probe_end();
	if (!probe_good(r)) {
		check_note("passwords", "nothing, if directory.account is very large or far away", "can't be looked through: %s",
		    probe_words(r));
		return;
	}
	for (row = 0; row < PQntuples(r); row++)
		collect(&all, r, row);
	tell(&all);
	if (database_is(database_execute(SQL_CHECK_DIRECTORY, NULL, 0), 0, "shipped"))
		check_ok("passwords", "they are in the shipped table, where a hash of an old scheme is replaced at sign-in");
	else
		check_credential(&all);
}

void
check_password_counts(void)
{
	const PGresult *r = NULL;
	int64_t accounts = 0, all = 0, never = 0;
	int row;

	if (probe_begin()) {
		probe_patient(PROBE_SEARCH);
		r = probe_run(SQL_CHECK_PASSWORDS, "100000");
	}
	probe_end();
	if (!probe_good(r)) {
		check_fail("passwords", "see that the server behind a foreign table answers, and that the views can be read",
		    "can't be counted: %s", probe_words(r));
		return;
	}
	for (row = 0; row < PQntuples(r); row++) {
		text_number(database_get(r, row, "accounts"), 0, INT64_MAX, &accounts);
		all += accounts;
		never += password_accepted(database_get(r, row, "setting")) ? 0 : accounts;
	}
	if (never > 0)
		check_note("passwords", "doc/passwords.md says what does, and up to which cost; these people need a new password",
		    "%" PRId64 " of %" PRId64 " never verify", never, all);
	else
		check_ok("passwords", "all %" PRId64 " are of schemes that are verified", all);
}
