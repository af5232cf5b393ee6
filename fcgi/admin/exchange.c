/* SPDX-License-Identifier: ISC */
/* What import and export have in common: formats, and whose people and contacts in this database. */
#include "config.h"

#include "admin/exchange.h"

#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"

static const struct format formats[] = {
	{ "csv", { ".csv" }, false, csv_read, csv_write },
	{ "jsonl", { ".jsonl", ".ndjson" }, false, jsonl_read, jsonl_write },
	{ "vcard", { ".vcf" }, true, card_read, card_write },
};

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

const struct format *
exchange_format(const char *name)
{
	size_t i;

	for (i = 0; i < FORMATS; i++) {
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	}
	tool_usage("--format is csv, jsonl or vcard");
}

static bool
ends(const char *text, const char *ending)
{
	return ending != NULL && strlen(text) > strlen(ending) && strcasecmp(text + strlen(text) - strlen(ending), ending) == 0;
}

const struct format *
exchange_format_of_file(const char *file)
{
	size_t i;

	for (i = 0; i < FORMATS; i++) {
		if (ends(file, formats[i].endings[0]) || ends(file, formats[i].endings[1]))
			return &formats[i];
	}
	return NULL;
}

void
exchange_check(const struct exchange *x)
{
	if (!x->contacts && x->owner != NULL)
		tool_usage("--owner is for contacts");
	if (!x->contacts && x->format->one_owner)
		tool_usage("people are in csv or jsonl");
	if (x->contacts && x->format->one_owner && x->owner == NULL)
		tool_usage("a vCard does not say whose contact it is: --owner is missing");
}

static enum id_type
type_of(const char *name)
{
	static const char *const names[] = { "integer", "bigint", "uuid", "text" };
	unsigned i;

	for (i = 0; i < ID_TEXT && strcmp(name, names[i]) != 0; i++)
		continue;
	return (enum id_type)i;
}

/* The account's id of the owner of all contacts. */
static void
find_owner(struct exchange *x)
{
	const PGresult *found = database_run(SQL_IMPORT_OWNER, x->owner);

	if (PQntuples(found) == 0)
		tool_fail(EX_DATAERR, "nobody has the user name or the id %s", x->owner);
	x->owner_id = database_get(found, 0, "id");
}

struct shape
exchange_shape(struct exchange *x)
{
	unsigned both = 1U << COLUMN_ID | 1U << COLUMN_USERNAME | 1U << COLUMN_NAME | 1U << COLUMN_EMAIL;
	const PGresult *types;

	user_need_shipped();
	types = database_execute(SQL_IMPORT_TYPES, NULL, 0);
	if (x->contacts && !database_is(types, 0, "shipped"))
		tool_fail(EX_DATAERR,
		    "directory.contact does not show directory.person_contact: the contacts are in a table of your own");
	if (x->owner != NULL)
		find_owner(x);
	return (struct shape){
		.what = x->contacts ? "contacts" : "people",
		.columns = both |
		    (x->contacts ? 1U << COLUMN_OWNER_ID | 1U << COLUMN_OWNER | 1U << COLUMN_PHONE :
		                   1U << COLUMN_PASSWORD_HASH | 1U << COLUMN_ACTIVE),
		.contacts = x->contacts,
		.owner_given = x->owner != NULL,
		.owner_type = type_of(database_get(types, 0, "account_id_type")),
		.id_type = type_of(database_get(types, 0, x->contacts ? "contact_id_type" : "account_id_type")),
	};
}
