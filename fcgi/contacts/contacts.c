/* SPDX-License-Identifier: ISC */
/* GET /contacts: a page of the contacts of the person whom an access token acts for. */
#include "config.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "contacts/cursor.h"
#include "contacts/database.h"
#include "contacts/fields.h"
#include "contacts/handlers.h"
#include "contacts/limits.h"
#include "contacts/query.h"
#include "contacts/record.h"
#include "contacts/reply.h"
#include "contacts_sql.h"
#include "crypto/keyring.h"
#include "db/db.h"
#include "http/etag.h"
#include "http/request.h"
#include "http/response.h"
#include "oauth/bearer.h"

/* A page with more bytes ends early: the cursor goes on from wherever it ended. */
enum { PAGE_BYTES = 1024 * 1024 };

/* What a tag says of a mark lasts for so many seconds, though a mark may be used for days. */
enum { MARK_SECONDS = 3600 };

/* What follows the rows. */
struct end {
	const char *next;     /* address of the next page, NULL: this is the last */
	const char *sync;     /* mark of the last one, NULL: none */
	bool marked;          /* either holds a snapshot, which each request makes anew */
};

static const struct rows *
read_rows(struct request *rq, const struct bearer *bearer, const struct query *query)
{
	const char *slot = bearer->token.slot, *digest = bearer->token.digest, *in_query = bearer->query;
	const char *all = query->vcard || (query->fields & ~(unsigned int)FIELDS_SHORT) != 0 ? "true" : "false";
	const char *identity = query->database == NULL ? NULL : query->database->identity;
	const struct cursor *c = &query->cursor;

	switch (c->pass) {
	case PASS_NAME:
		return db_rows(rq->db, rq->arena, SQL_CONTACTS_BY_NAME, slot, digest, in_query, c->owner, c->at[0], c->at[1],
		    c->horizon, query->limit, all);
	case PASS_SEARCH:
		return db_rows(rq->db, rq->arena, SQL_CONTACTS_SEARCH, slot, digest, in_query, query->q, query->q_end, c->owner,
		    c->at[0], c->at[1], query->limit, all);
	case PASS_SYNC:
		return db_rows(rq->db, rq->arena, SQL_CONTACTS_SYNC, slot, digest, in_query, identity, c->owner, c->database,
		    c->since, c->horizon, c->at[0], c->at[1], query->limit, all);
	default:
		return db_rows(rq->db, rq->arena, SQL_CONTACTS, slot, digest, in_query, c->owner, c->at[0], c->horizon,
		    query->limit, all);
	}
}

/* After which row the next page goes on. */
static void
set_place(struct cursor *cursor, const struct rows *rows, size_t last)
{
	static const struct {
		enum pass pass;
		const char *columns[2];
	} places[] = {
		{ PASS_ID, { "id", NULL } },
		{ PASS_NAME, { "word", "id" } },
		{ PASS_SEARCH, { "word", "id" } },
		{ PASS_SYNC, { "xid", "seq" } },
	};
	size_t i;

	for (i = 0; places[i].pass != cursor->pass; i++)
		;
	cursor->at[0] = rows_get(rows, last, places[i].columns[0]);
	cursor->at[1] = places[i].columns[1] == NULL ? NULL : rows_get(rows, last, places[i].columns[1]);
}

/* The rows end before the contacts do: for a page a search looks at so many words, and a sync at so many changes. */
static bool
stopped(const struct rows *rows, const struct query *query)
{
	bool may = query->cursor.pass == PASS_SEARCH || query->cursor.pass == PASS_SYNC;
	const char *text = may ? rows_get(rows, rows_count(rows) - 1, "stopped") : NULL;

	return text != NULL && *text == 't';
}

/* A pass takes its snapshot from its first page; a cursor of a time without log has none, and then there is no mark in the end. */
static struct end
find_end(struct request *rq, const struct query *query, const struct rows *rows, size_t shown)
{
	struct cursor cursor = query->cursor;
	struct mark mark;
	struct end end = { NULL, NULL, false };

	cursor.owner = row_text(rows, "owner_id");
	if (!query->begun && query->cursor.pass != PASS_SEARCH && query->database != NULL) {
		cursor.database = query->database->identity;
		cursor.horizon = cursor_snapshot(rq->arena, row_text(rows, "horizon"));
	}
	end.marked = cursor.horizon != NULL;
	if (shown < rows_count(rows) || stopped(rows, query)) {
		set_place(&cursor, rows, shown - 1);
		end.next = query_next(rq, query, &cursor);
		response_header(rq, "Link", arena_printf(rq->arena, "<%s>; rel=\"next\"", end.next));
	} else if (end.marked) {
		mark = (struct mark) { cursor.owner, cursor.database, cursor.horizon };
		end.sync = cursor_spell_mark(rq, &mark);
	}
	return end;
}

/* Rows, of which end is the first that is not among them. */
struct span {
	size_t first, end;
};

/* Those to show.  The first that came may be the contact with which the page before ended; where there is none, a row says that. */
static struct span
find_span(const struct query *query, const struct rows *rows)
{
	const char *before = query->cursor.pass == PASS_SYNC ? NULL : query->cursor.at[query->cursor.pass == PASS_ID ? 0 : 1];
	size_t count = rows_count(rows), limit = (size_t)row_number(rows, "page_limit");
	struct span span = { 0, count };

	if (row_text(rows, "id") == NULL || (before != NULL && strcmp(row_text(rows, "id"), before) == 0))
		span.first = 1;
	if (count - span.first > limit)
		span.end = span.first + limit;
	return span;
}

/* Adds rows until the page is full; returns the end of those that are on it.  json: NULL, they are vCards. */
static size_t
write_rows(struct request *rq, const struct query *query, const struct rows *rows, struct span span, struct json *json)
{
	unsigned int usual = query->vcard ? FIELDS_ALL : FIELDS_SHORT;
	struct record record;
	size_t i;

	record_open(&record, rq, rows, query->fields != FIELDS_NONE ? query->fields : usual, query->cursor.pass != PASS_ID);
	for (i = span.first; i < span.end && rq->out.len < PAGE_BYTES; i++) {
		if (record_gone(&record, i) && (query->cursor.pass != PASS_SYNC || rows_get(rows, i, "id") == NULL))
			continue;    /* found by a word that was not deleted with it, or where a page stopped */
		if (json != NULL)
			record_json(&record, json, i);
		else
			record_vcard(&record, &rq->out, i);
	}
	return i;
}

/* The tag of a page whose marks are others each time: of its rows, whose they are, and of what makes an old mark useless. */
static const char *
weak_tag(struct request *rq, const struct database *database, const struct rows *rows, const struct end *end)
{
	size_t len = rq->out.len;
	const char *tag;

	buf_printf(&rq->out, "%s %s %s %s %lld ", end->next == NULL ? "last" : "next", database->identity, database->log_begins,
	    keyring_active(rq->context->keyring)->id, (long long)time(NULL) / MARK_SECONDS);
	buf_str(&rq->out, row_text(rows, "owner_id"));
	tag = etag_weak(rq);
	rq->out.len = len;
	return tag;
}

/* The same, of a log that was looked at a moment ago where the client has that page, and would go on with a mark that may have
 * ended. */
static const char *
marked_tag(struct request *rq, const struct query *query, const struct rows *rows, const struct end *end)
{
	const char *tag = weak_tag(rq, query->database, rows, end);
	const struct database *now;

	if (!response_matches(rq, tag) || database_look_again(rq, &now) != OK || now == NULL)
		return tag;
	return weak_tag(rq, now, rows, end);
}

static void
reply(struct request *rq, const struct query *query, const struct rows *rows)
{
	struct span span = find_span(query, rows);
	const char *tag = NULL;
	struct json json;
	struct end end;

	buf_init(&rq->out, rq->arena, 1024 + (span.end - span.first) * 64);
	json_begin(&json, &rq->out);
	if (!query->vcard) {
		json_object(&json);
		json_key(&json, "contacts");
		json_array(&json);
	}
	span.end = write_rows(rq, query, rows, span, query->vcard ? NULL : &json);
	end = find_end(rq, query, rows, span.end);
	if (!query->vcard) {
		json_array_end(&json);
		if (end.marked)
			tag = marked_tag(rq, query, rows, &end);
		json_member(&json, "next", end.next);
		json_member(&json, "sync", end.sync);
		json_object_end(&json);
	}
	reply_send(rq, query, tag);
}

/* Reads the query, which depends on the database, and the rows; both once more where the connection was lost in between, since the
 * new one may be to another database. */
static enum err
read_page(struct request *rq, const struct bearer *bearer, struct query *query, const struct rows **ret)
{
	unsigned connection;
	enum err e;

	do {
		if ((e = query_read(query, rq)) != OK)
			return e;
		connection = db_connections(rq->db);
		*ret = read_rows(rq, bearer, query);
	} while (*ret != NULL && db_connections(rq->db) != connection);
	return OK;
}

enum err
contacts(struct request *rq)
{
	const struct rows *rows;
	struct bearer bearer;
	struct query query;
	enum err e;

	if ((e = bearer_read(&bearer, rq)) != OK || (e = limits_known(rq, &bearer)) != OK ||
	    (e = read_page(rq, &bearer, &query, &rows)) != OK)
		return e;
	if ((e = reply_verdict(rq, rows)) != OK)
		return e == ERR_BAD_SYNC && query.begun ? ERR_BAD_CURSOR : e;
	reply(rq, &query, rows);
	return OK;
}
