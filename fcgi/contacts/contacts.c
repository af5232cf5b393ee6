/* SPDX-License-Identifier: ISC */
/* GET /contacts: a page of the contacts of the person whom an access token acts for. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "contacts/cursor.h"
#include "contacts/handlers.h"
#include "contacts_sql.h"
#include "db/db.h"
#include "http/request.h"
#include "http/response.h"
#include "oauth/answer.h"
#include "oauth/bearer.h"
#include "oauth/resource.h"
#include "oauth/verdict.h"
#include "server/settings.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000 };

/* A page with more bytes ends early: the cursor goes on from wherever it ended. */
enum { PAGE_BYTES = 1024 * 1024 };

void
contacts_refused(struct request *rq, enum err e)
{
	bearer_challenge(rq, e, resource_uri(rq, "contacts"), "contacts");
	answer_problem(rq, e);
}

/* The contacts of a page at most.  One that is too large is lowered, however large: a client that asks for all gets a page and a link. */
static enum err
read_limit(struct request *rq, int64_t *ret)
{
	const char *text = param(rq, "limit");

	*ret = LIMIT_DEFAULT;
	if (text == NULL)
		return OK;
	if (text_only(text, "0123456789") && strspn(text, "0") < strlen(text)) {
		if (!text_number(text, 1, LIMIT_MAX, ret))
			*ret = LIMIT_MAX;
		return OK;
	}
	return refuse_value(rq, ERR_BAD_PARAMETER, "limit", text);
}

/* The next page's URL, in the body and in Link (RFC 8288); it never holds the token. */
static const char *
next_page(struct request *rq, const struct rows *rows, size_t last, int64_t limit)
{
	const struct cursor cursor = { .owner = row_text(rows, "owner_id"), .after = rows_get(rows, last, "id") };
	const char *url = arena_printf(rq->arena, "%s?limit=%lld&cursor=%s", rq->settings->contacts_url, (long long)limit,
	    cursor_spell(rq, &cursor));

	response_header(rq, "Link", arena_printf(rq->arena, "<%s>; rel=\"next\"", url));
	return url;
}

/* Writes the contacts of rows from first to before end, as many as fit; returns the end. */
static size_t
write_contacts(struct json *json, const struct rows *rows, size_t first, size_t end)
{
	int id = rows_column(rows, "id"), username = rows_column(rows, "username");
	bool numeric = rows_numeric(rows, "id");
	size_t i;

	json_key(json, "contacts");
	json_array(json);
	for (i = first; i < end && json->buf->len < PAGE_BYTES; i++) {
		json_object(json);
		json_key(json, "id");
		if (numeric)
			json_raw(json, rows_at(rows, i, id));
		else
			json_string(json, rows_at(rows, i, id));
		json_member(json, "username", rows_at(rows, i, username));
		json_object_end(json);
	}
	json_array_end(json);
	return i;
}

/* The first row may be the contact with which the page before ended (after, NULL: none). */
static void
reply(struct request *rq, const struct rows *rows, const char *after, int64_t limit)
{
	size_t found = rows_get(rows, 0, "id") == NULL ? 0 : rows_count(rows);
	size_t first = found > 0 && after != NULL && strcmp(rows_get(rows, 0, "id"), after) == 0 ? 1 : 0;
	size_t end = found > first + (size_t)limit ? first + (size_t)limit : found;
	struct json json;

	response_header(rq, "Cache-Control", "private, no-cache");
	response_vary(rq, "Authorization, Accept");
	answer_json(rq, &json);
	json_object(&json);
	end = write_contacts(&json, rows, first, end);
	if (found > end)
		json_member(&json, "next", next_page(rq, rows, end - 1, limit));
	json_object_end(&json);
}

enum err
contacts(struct request *rq)
{
	static const char *const names[] = { "limit", "cursor", NULL };
	struct cursor cursor = { NULL, NULL };
	const struct rows *rows;
	struct bearer bearer;
	int64_t limit;
	enum err e;

	if ((e = bearer_read(&bearer, rq)) != OK || (e = param_faults(rq, names)) != OK || (e = read_limit(rq, &limit)) != OK)
		return e;
	if (param(rq, "cursor") != NULL && !cursor_parse(rq, param(rq, "cursor"), &cursor))
		return refuse(rq, ERR_BAD_CURSOR, "a cursor that we did not make");
	rows = db_rows(rq->db, rq->arena, SQL_CONTACTS, bearer.token.slot, bearer.token.digest, bearer.query, cursor.owner,
	    cursor.after, NULL, text_decimal(rq->arena, limit + 2), "false");
	if ((e = verdict(rq, rows)) != OK)
		return e;
	reply(rq, rows, cursor.after, limit);
	return OK;
}
