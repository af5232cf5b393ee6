/* SPDX-License-Identifier: ISC */
/* What a request for contacts asks for: its parameters, and the form of the answer. */
#include "config.h"

#include "contacts/query.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "contacts/database.h"
#include "contacts/fields.h"
#include "contacts_sql.h"
#include "db/db.h"
#include "http/accept.h"
#include "http/request.h"
#include "oauth/opaque.h"
#include "server/settings.h"

enum { LIMIT_MAX = 1000, Q_MAX = 100 };

/* U+FFFF, which no text has: CLDR sorts it after all other characters, for just this. */
static const char AFTER_ALL[] = "\357\277\277";

/* A malformed value, for the log too unless it is a secret that somebody sent in the wrong place. */
static enum err
wrong(struct request *rq, const char *name, const char *value)
{
	return opaque_inside(value) ? refuse_param(rq, ERR_BAD_PARAMETER, name) : refuse_value(rq, ERR_BAD_PARAMETER, name, value);
}

static enum err
conflict(struct request *rq, const char *names)
{
	return refuse_param(rq, ERR_CONFLICTING_PARAMETERS, names);
}

/* A view that the directory has not. */
static enum err
not_offered(struct request *rq, const char *name, const char *view)
{
	rq->parameter = name;
	return refuse(
	    rq, ERR_NOT_OFFERED, "%s needs the view directory.%s, which was not there when the worker connected", name, view);
}

static enum err
read_form(struct query *query, struct request *rq)
{
	static const char *const offers[] = { "application/json;charset=utf-8", "text/vcard;version=4.0;charset=utf-8" };
	const char *header = request_header(rq, "ACCEPT");
	int chosen = accept_choose(header, offers, sizeof(offers) / sizeof(offers[0]));

	query->vcard = chosen == 1;
	return chosen >= 0 ? OK : refuse(rq, ERR_NOT_ACCEPTABLE, "Accept is %s", header);
}

static enum err
read_fields(struct query *query, struct request *rq)
{
	const char *text = param(rq, "fields");

	query->fields = FIELDS_NONE;
	return text == NULL || fields_parse(text, &query->fields) ? OK : wrong(rq, "fields", text);
}

/* The rows of a page at most.  One that is too large is lowered, however large: a client that asks for all gets a page and a
 * link. */
static enum err
read_limit(struct query *query, struct request *rq)
{
	const char *text = param(rq, "limit");
	int64_t limit;

	query->limit = NULL;
	if (text == NULL)
		return OK;
	if (!text_only(text, "0123456789") || strspn(text, "0") == strlen(text))
		return wrong(rq, "limit", text);
	if (!text_number(text, 1, LIMIT_MAX, &limit))
		limit = LIMIT_MAX;
	query->limit = text_decimal(rq->arena, limit);
	return OK;
}

static size_t
characters(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* Which pass the parameters ask for, where no cursor says more. */
static enum err
read_pass(struct query *query, struct request *rq)
{
	const char *order = param(rq, "order"), *sync = param(rq, "sync");

	query->q = param(rq, "q");
	if (order != NULL && strcmp(order, "id") != 0 && strcmp(order, "name") != 0)
		return wrong(rq, "order", order);
	if (query->q != NULL && (characters(query->q) > Q_MAX || opaque_inside(query->q)))
		return refuse_param(rq, ERR_BAD_PARAMETER, "q");
	if (query->q != NULL && order != NULL)
		return conflict(rq, "q and order");
	if (sync != NULL && (query->q != NULL || order != NULL || param(rq, "cursor") != NULL))
		return conflict(rq, query->q != NULL ? "sync and q" : order != NULL ? "sync and order" : "sync and cursor");
	if (query->q != NULL)
		query->q_end = arena_printf(rq->arena, "%s%s", query->q, AFTER_ALL);
	query->cursor.pass = PASS_ID;
	if (query->q != NULL)
		query->cursor.pass = PASS_SEARCH;
	else if (sync != NULL)
		query->cursor.pass = PASS_SYNC;
	else if (order != NULL && strcmp(order, "name") == 0)
		query->cursor.pass = PASS_NAME;
	return OK;
}

/* A snapshot of another database says nothing here. */
static enum err
same_database(struct request *rq, const struct query *query)
{
	const char *made = query->cursor.database;

	if (query->database != NULL && strcmp(query->database->identity, made) == 0)
		return OK;
	return refuse(rq, ERR_SYNC_EXPIRED, "made in the database %s, and this is %s", made,
	    query->database == NULL ? "one that gives no marks" : query->database->identity);
}

static enum err
read_cursor(struct query *query, struct request *rq)
{
	const char *text = param(rq, "cursor");
	enum pass asked = query->cursor.pass;

	query->bound = arena_printf(rq->arena, "%u %s", query->fields, query->q == NULL ? "" : query->q);
	query->begun = text != NULL;
	if (text == NULL)
		return OK;
	if (!cursor_parse(rq, text, query->bound, &query->cursor))
		return refuse(rq, ERR_BAD_CURSOR, "a cursor that we did not make, or made for another query");
	/* The links of a sync have no parameter that says so. */
	if (query->cursor.pass != asked && (query->cursor.pass != PASS_SYNC || param(rq, "order") != NULL || query->q != NULL))
		return refuse(rq, ERR_BAD_CURSOR, "a cursor of another query");
	return query->cursor.database == NULL ? OK : same_database(rq, query);
}

static enum err
read_sync(struct query *query, struct request *rq)
{
	const char *text = param(rq, "sync");
	struct mark mark;

	if (text == NULL)
		return OK;
	if (query->database == NULL)
		return not_offered(rq, "sync", "contact_change");
	if (!cursor_parse_mark(rq, text, &mark))
		return refuse(rq, ERR_BAD_SYNC, "a mark that we did not make");
	query->cursor.owner = mark.owner;
	query->cursor.database = mark.database;
	query->cursor.since = mark.snapshot;
	return OK;
}

static enum err
read_offered(const struct query *query, struct request *rq)
{
	if (query->cursor.pass == PASS_NAME && !db_has(rq->db, SQL_CONTACTS_BY_NAME))
		return not_offered(rq, "order", "contact_word");
	if (query->cursor.pass == PASS_SEARCH && !db_has(rq->db, SQL_CONTACTS_SEARCH))
		return not_offered(rq, "q", "contact_word");
	if (query->cursor.pass == PASS_SYNC && query->vcard)
		return refuse(rq, ERR_NOT_ACCEPTABLE, "changes as text/vcard: no card says that a contact is gone");
	return OK;
}

enum err
query_read(struct query *query, struct request *rq)
{
	static const char *const names[] = { "limit", "cursor", "fields", "order", "q", "sync", NULL };
	enum err e;

	memset(query, 0, sizeof(*query));
	if ((e = param_faults(rq, names)) != OK || (e = read_limit(query, rq)) != OK || (e = read_fields(query, rq)) != OK ||
	    (e = read_pass(query, rq)) != OK || (e = database_look(rq, &query->database)) != OK ||
	    (e = read_cursor(query, rq)) != OK || (e = read_sync(query, rq)) != OK || (e = read_form(query, rq)) != OK)
		return e;
	return read_offered(query, rq);
}

enum err
query_read_one(struct query *query, struct request *rq)
{
	static const char *const names[] = { "fields", NULL };
	enum err e;

	memset(query, 0, sizeof(*query));
	if ((e = param_faults(rq, names)) != OK || (e = read_fields(query, rq)) != OK)
		return e;
	return read_form(query, rq);
}

static void
add(struct buf *url, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_char(url, strchr(url->data, '?') == NULL ? '?' : '&');
	buf_str(url, name);
	buf_char(url, '=');
	buf_percent(url, value);
}

const char *
query_next(struct request *rq, const struct query *query, const struct cursor *cursor)
{
	struct buf url;

	buf_init(&url, rq->arena, 1024);
	buf_str(&url, rq->settings->contacts_url);
	add(&url, "limit", query->limit);
	add(&url, "fields", query->fields == FIELDS_NONE ? NULL : fields_spell(rq->arena, query->fields));
	add(&url, "order", cursor->pass == PASS_NAME ? "name" : NULL);
	add(&url, "q", query->q);
	add(&url, "cursor", cursor_spell(rq, cursor, query->bound));
	return url.data;
}
