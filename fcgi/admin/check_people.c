/* SPDX-License-Identifier: ISC */
/* postern check: is each person of the directory one, and can be told from the others? */
#include "config.h"

#include <string.h>

#include "admin/check.h"
#include "admin/database.h"
#include "admin/postern.h"
#include "admin/probe.h"
#include "admin_sql.h"
#include "base/arena.h"

/* What a count other than 0 means. */
static const struct rule {
	const char *column;
	bool fail;
	const char *what, *todo;
} rules[] = {
	{ "ids_null", true, "accounts have no id",
	    "an id is a person's for ever: leave out rows without one (where ... is not null)" },
	{ "ids_twice", true, "ids belong to several accounts",
	    "an id is one person's, and never given to another: find them by "
	    "\"select id from directory.account group by id having count(*) > 1\"" },
	{ "ids_of_machines", true, "ids begin with client:, as the subject of a machine's token does",
	    "they can't sign in: let the view leave them out, or show another key" },
	{ "names_twice", true, "user names belong to several accounts",
	    "who signs in by such a name is any of them: find them by "
	    "\"select username from directory.account group by username having count(*) > 1\"" },
	{ "names_null", false, "active accounts have no user name", "they can sign in by their e-mail address alone" },
	{ "emails_shared", false, "e-mail addresses belong to several active accounts",
	    "these people can't sign in by it, but by user name" },
	{ "credentials_null", false, "active accounts with a password have no credential",
	    "a changed password ends nobody's tokens where it is null: let credential be a text that "
	    "changes whenever the password does" },
};

/* One credential for all is a constant. */
static void
check_credentials(const PGresult *r)
{
	if (strcmp(database_get(r, 0, "credentials"), "1") == 0 && strcmp(database_get(r, 0, "with_password"), "1") != 0)
		check_note("people",
		    "if it is a constant, a changed password ends nothing: let it be a text that changes whenever the password "
		    "does, "
		    "such as the time of that change (extract(epoch from password_changed_at)::text)",
		    "credential is the same for all %s accounts that have a password", database_get(r, 0, "with_password"));
}

void
check_people(const char *most)
{
	const PGresult *r;
	const char *count;
	bool good = true;
	size_t i;

	if (!probe_begin())
		return;
	probe_patient(PROBE_SEARCH);
	r = probe_run(SQL_HOOKUP_PEOPLE, most);
	probe_end();
	if (!probe_good(r)) {
		check_note("people", "nothing, if directory.account is very large or far away", "can't be looked through: %s",
		    probe_words(r));
		return;
	}
	check_credentials(r);
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strcmp(count = database_get(r, 0, rules[i].column), "0") == 0)
			continue;
		if (rules[i].fail)
			check_fail("people", rules[i].todo, "%s %s", count, rules[i].what);
		else
			check_note("people", rules[i].todo, "%s %s", count, rules[i].what);
		good = good && !rules[i].fail;
	}
	if (good)
		check_ok("people", "%s accounts%s, %s of them active", database_get(r, 0, "accounts"),
		    strcmp(database_get(r, 0, "accounts"), most) == 0 ? " (and perhaps more)" : "", database_get(r, 0, "active"));
}
