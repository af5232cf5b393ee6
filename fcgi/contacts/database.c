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

enum { TEXT_MAX = 80 };

/* Of the worker's one connection; a restored or promoted database is another connection. */
static struct {
	unsigned connection;
	bool marks;
	char identity[TEXT_MAX], log_begins[TEXT_MAX];
} last;

static const struct database seen = { last.identity, last.log_begins };

enum err
database_look(struct request *rq, const struct database **ret)
{
	if (db_connections(rq->db) != last.connection || last.connection == 0)
		return database_look_again(rq, ret);
	*ret = last.marks ? &seen : NULL;
	return OK;
}

enum err
database_look_again(struct request *rq, const struct database **ret)
{
	const struct rows *rows;
	const char *identity;
	enum err e;

	*ret = NULL;
	if (!db_has(rq->db, SQL_DATABASE))
		return OK;
	rows = db_execute(rq->db, rq->arena, SQL_DATABASE, NULL, 0);
	if ((e = verdict(rq, rows)) != OK)
		return e;
	identity = row_text(rows, "identity");
	last.marks = identity != NULL;
	snprintf(last.identity, sizeof(last.identity), "%s", identity == NULL ? "" : identity);
	snprintf(last.log_begins, sizeof(last.log_begins), "%s", row_text(rows, "log_begins"));
	last.connection = db_connections(rq->db);
	*ret = last.marks ? &seen : NULL;
	return OK;
}
