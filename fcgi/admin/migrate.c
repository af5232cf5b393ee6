/* SPDX-License-Identifier: ISC */
/* postern migrate: applies the migrations that are missing, each in a transaction of its own, then roles and rights. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/database.h"
#include "admin/migrations.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "server/settings.h"

struct options {
	const char *account_id, *contact_id;
	bool only_check;
};

static const char *
id_type(const char *text)
{
	static const char *const types[] = { "integer", "bigint", "uuid", "text" };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i], text) == 0)
			return types[i];
	}
	tool_usage("the type of an id is integer, bigint, uuid or text");
}

static void
read_options(struct options *o, int argc, char **argv)
{
	static const struct option known[] = {
		{ "account-id", required_argument, NULL, 'a' },
		{ "contact-id", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'n' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'a')
			o->account_id = id_type(optarg);
		else if (c == 'c')
			o->contact_id = id_type(optarg);
		else if (c == 'n')
			o->only_check = true;
		else
			tool_usage("an option is wrong");
	}
	tool_no_more(argc, argv);
}

/* What was chosen once stays. */
static const char *
choose(const char *chosen, const char *wanted, const char *what)
{
	if (chosen != NULL && wanted != NULL && strcmp(chosen, wanted) != 0)
		tool_fail(EX_DATAERR, "the type of %s is %s since the first migration; it can't become %s", what, chosen, wanted);
	return chosen != NULL ? chosen : wanted != NULL ? wanted : "integer";
}

/* The text with each @NAME@ replaced; values are of the harmless alphabets that options and settings allow. */
static const char *
fill(const char *text, const char *const *gaps)
{
	struct buf out;
	const char *const *gap;

	buf_init(&out, tool_arena, strlen(text) * 2);
	while (*text != '\0') {
		for (gap = gaps; *gap != NULL && strncmp(text, *gap, strlen(*gap)) != 0; gap += 2)
			continue;
		if (*gap != NULL) {
			buf_str(&out, gap[1]);
			text += strlen(*gap);
		} else {
			buf_char(&out, *text++);
		}
	}
	return out.data;
}

static void
refuse_strange(const struct migrations *m)
{
	size_t i;

	if (m->unknown != NULL)
		tool_fail(
		    EX_DATAERR, "%s was applied and is not among the files: this database belongs to a newer version", m->unknown);
	for (i = 0; i < m->count; i++) {
		if (m->files[i].changed)
			tool_fail(EX_DATAERR, "%s was changed after it was applied: put the old file back, and write a new one",
			    m->files[i].name);
	}
}

/* A migration waits at most two seconds for a lock, so that it never stands in the queue before live requests for long. */
static void
apply(const struct migration *file, const char *const *gaps)
{
	database_script("begin; set local lock_timeout = '2s'", file->name);
	database_script(fill(file->text, gaps), file->name);
	database_run(SQL_MIGRATE_DONE, file->number, file->name, text_bytea(tool_arena, file->sha256, DIGEST_SIZE));
	database_script("commit", file->name);
	printf("%s applied\n", file->name);
	fflush(stdout);
}

static void
apply_rights(const char *folder, const char *const *gaps)
{
	size_t len;

	database_script("begin; set local lock_timeout = '2s'", "roles.sql");
	database_script(fill(migrations_file(folder, "roles.sql", &len), gaps), "roles.sql");
	database_script("call oauth.make_audit_months()", "the months of the audit");
	database_script("commit", "roles.sql");
}

/* Says what is to do, and changes nothing. */
static int
tell_pending(const struct migrations *m, const struct settings *settings)
{
	const PGresult *roles = m->pending > 0 ? NULL : database_run(SQL_CHECK_ROLES, settings->roles);
	size_t i, missing = 0;
	int row;

	for (i = 0; i < m->count; i++) {
		if (!m->files[i].applied)
			printf("%s is to apply\n", m->files[i].name);
	}
	for (row = 0; row < PQntuples(roles); row++) {
		if (database_is(roles, row, "usable"))
			continue;
		printf("%s is missing or lacks rights\n", database_get(roles, row, "role"));
		missing++;
	}
	printf("%zu of %zu migrations to apply\n", m->pending, m->count);
	return m->pending > 0 || missing > 0;
}

int
migrate(int argc, char **argv)
{
	static struct migrations m;
	const struct settings *settings;
	struct options o = { 0 };
	size_t i;

	read_options(&o, argc, argv);
	settings = settings_read(FOR_MIGRATE);
	database_open();
	if (!o.only_check) /* held to the end of the connection: the next one finds what this one did */
		database_script("select pg_advisory_lock(7236837)", "the lock against a second migration");
	migrations_read(&m, settings->migrations);
	refuse_strange(&m);
	const char *const gaps[] = {
		"@ACCOUNT_ID@",
		choose(m.account_id, o.account_id, "an account's id"),
		"@CONTACT_ID@",
		choose(m.contact_id, o.contact_id, "a contact's id"),
		"@ROLES@",
		settings->roles,
		NULL,
	};
	if (o.only_check)
		return tell_pending(&m, settings);
	for (i = 0; i < m.count; i++) {
		if (!m.files[i].applied)
			apply(&m.files[i], gaps);
	}
	apply_rights(settings->migrations, gaps);
	printf("The schema is current: %zu migrations, %zu applied now.\n", m.count, m.pending);
	return 0;
}
