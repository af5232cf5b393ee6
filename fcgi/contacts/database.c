/* SPDX-License-Identifier: ISC */
/* Which database the contacts come from, for marks of "sync". */
#include "config.h"

#include "contacts/database.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "contacts_sql.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/verdict.h"

enum { IDENTITY_MAX = 80 };

/* Of the worker's one connection; a restored or promoted database is another connection. */
static struct {
	unsigned connection;
	bool known;
	char text[IDENTITY_MAX];
} last;

enum err
database_identity(struct request *rq, const char **ret)
{
	const struct rows *rows;
	const char *identity;
	enum err e;

	if (db_connections(rq->db) != last.connection || last.connection == 0) {
		*ret = NULL;
		if (!db_has(rq->db, SQL_DATABASE))
			return OK;
		rows = db_execute(rq->db, rq->arena, SQL_DATABASE, NULL, 0);
		if ((e = verdict(rq, rows)) != OK)
			return e;
		identity = row_text(rows, "identity");
		last.known = identity != NULL;
		snprintf(last.text, sizeof(last.text), "%s", identity == NULL ? "" : identity);
		last.connection = db_connections(rq->db);
	}
	*ret = last.known ? last.text : NULL;
	return OK;
}
