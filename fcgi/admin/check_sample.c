/* SPDX-License-Identifier: ISC */
/* postern check: does the directory answer, and what does somebody in it look like? */
#include "config.h"

#include "admin/check.h"
#include "admin/database.h"
#include "admin/probe.h"
#include "admin_sql.h"

bool
check_sample(struct sample *p)
{
	const PGresult *r = NULL;

	if (probe_begin()) {
		probe_patient(PROBE_LOOK);
		r = probe_execute(SQL_HOOKUP_SAMPLE, NULL, 0);
	}
	probe_end();
	if (!probe_good(r)) {
		check_fail("sample", "see that the server behind a foreign table answers, and that the views can be read",
		    "the directory can't be read: %s", probe_words(r));
		return false;
	}
	if (PQntuples(r) == 0) {
		check_note("sample", "if there should be some, look at the view directory.account", "there is no active account");
		return true;
	}
	p->id = database_get(r, 0, "id");
	p->username = database_get(r, 0, "username");
	p->contact = database_get(r, 0, "contact_id");
	p->credential = database_get(r, 0, "credential");
	check_ok("sample", "an account is: %s", database_get(r, 0, "account"));
	if (p->contact == NULL)
		check_note("sample", "if that person should have some, look at the view directory.contact", "it has no contact");
	else
		check_ok("sample", "a contact of it is: %s", database_get(r, 0, "contact"));
	return true;
}
