/* SPDX-License-Identifier: ISC */
/* What the contacts API is, as OpenAPI: openapi.json of this folder, cut to what this directory can give.
 *
 * The file's own $comment says what may stand in it. */
#include "config.h"

#include "contacts/document.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "contacts/database.h"
#include "contacts_sql.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/verdict.h"
#include "server/settings.h"

/* What the directory can give. */
struct abilities {
	const char *id_type;           /* a member of x-by-type */
	bool search;                   /* q and order=name */
	bool sync;
};

/* What is put in where. */
struct filling {
	const struct abilities *can;
	struct arena *arena;
	const char *api, *issuer;
	json_object *ids;              /* samples */
};

/* Whether what has this x-needs (or none) stays. */
static bool
stays(const struct abilities *can, json_object *needs)
{
	const char *name = json_object_get_string(needs);
	bool without, has;

	if (name == NULL)
		return true;
	without = *name == '!';
	name += without ? 1 : 0;
	if (strcmp(name, "search") == 0)
		has = can->search;
	else if (strcmp(name, "sync") == 0)
		has = can->sync;
	else
		has = can->search && can->sync;
	return has != without;
}

/* The value of a name between {{ and }}. */
static void
fill_gap(const struct filling *f, struct buf *out, const char *name, size_t len)
{
	json_object *id;

	if (len == 3 && memcmp(name, "api", len) == 0) {
		buf_str(out, f->api);
	} else if (len == 6 && memcmp(name, "issuer", len) == 0) {
		buf_str(out, f->issuer);
	} else {
		id = json_object_array_get_idx(f->ids, (size_t)(name[2] - '1'));
		buf_str(out, len == 3 ? json_object_get_string(id) : json_object_to_json_string_ext(id, JSON_C_TO_STRING_PLAIN));
	}
}

static json_object *
filled_string(const struct filling *f, const char *text)
{
	const char *gap, *end;
	struct buf out;

	if (strncmp(text, "{{id", 4) == 0 && strlen(text) == 7)
		return json_object_get(json_object_array_get_idx(f->ids, (size_t)(text[4] - '1')));
	buf_init(&out, f->arena, strlen(text) + 1);
	while ((gap = strstr(text, "{{")) != NULL && (end = strstr(gap, "}}")) != NULL) {
		buf_add(&out, text, (size_t)(gap - text));
		fill_gap(f, &out, gap + 2, (size_t)(end - gap - 2));
		text = end + 2;
	}
	buf_str(&out, text);
	return json_object_new_string(out.data);
}

/* Lines of a text as one text. */
static json_object *
joined(const struct filling *f, json_object *lines, const char *between)
{
	struct buf out;
	json_object *text;
	size_t i;

	buf_init(&out, f->arena, 1024);
	for (i = 0; i < json_object_array_length(lines); i++) {
		buf_str(&out, i == 0 ? "" : between);
		buf_str(&out, json_object_get_string(json_object_array_get_idx(lines, i)));
	}
	text = json_object_new_string(out.data);
	json_object_put(lines);
	return text;
}

static json_object *filled(const struct filling *, json_object *);

/* What stands in a list that are lines themselves are a paragraph. */
static json_object *
filled_array(const struct filling *f, json_object *array)
{
	json_object *all = json_object_new_array(), *one, *say;
	size_t i;

	for (i = 0; i < json_object_array_length(array); i++) {
		one = json_object_array_get_idx(array, i);
		if (json_object_is_type(one, json_type_object) && !stays(f->can, json_object_object_get(one, "x-needs")))
			continue;
		if (json_object_is_type(one, json_type_object) && (say = json_object_object_get(one, "say")) != NULL)
			one = say;
		one = filled(f, one);
		json_object_array_add(all, json_object_is_type(one, json_type_array) ? joined(f, one, " ") : one);
	}
	return all;
}

static json_object *
filled_object(const struct filling *f, json_object *object)
{
	json_object *all, *by_type, *value;

	if ((by_type = json_object_object_get(object, "x-by-type")) != NULL)
		return filled(f, json_object_object_get(by_type, f->can->id_type));
	all = json_object_new_object();
	json_object_object_foreach(object, key, member) {
		if (strcmp(key, "x-needs") == 0 || strcmp(key, "$comment") == 0 ||
		    (json_object_is_type(member, json_type_object) && !stays(f->can, json_object_object_get(member, "x-needs"))))
			continue;
		value = filled(f, member);
		if (json_object_is_type(value, json_type_array) && strcmp(key, "description") == 0)
			value = joined(f, value, " ");
		else if (json_object_is_type(value, json_type_array) && strcmp(key, "code") == 0)
			value = joined(f, value, "\n");
		json_object_object_add(all, key, value);
	}
	return all;
}

/* A copy of a part of the source, cut and filled. */
static json_object *
filled(const struct filling *f, json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		return filled_object(f, value);
	case json_type_array:
		return filled_array(f, value);
	case json_type_string:
		return filled_string(f, json_object_get_string(value));
	default:
		return json_object_get(value);
	}
}

static void
add_paragraphs(struct buf *out, json_object *paragraphs)
{
	size_t i, n = paragraphs == NULL ? 0 : json_object_array_length(paragraphs);

	for (i = 0; i < n; i++)
		buf_printf(out, "%s\n\n", json_object_get_string(json_object_array_get_idx(paragraphs, i)));
}

/* The chapters as CommonMark. */
static json_object *
guide_text(const struct filling *f, json_object *guide)
{
	json_object *chapter, *code;
	struct buf out;
	size_t i;

	buf_init(&out, f->arena, 16384);
	for (i = 0; i < json_object_array_length(guide); i++) {
		chapter = json_object_array_get_idx(guide, i);
		buf_printf(&out, "## %s\n\n", json_object_get_string(json_object_object_get(chapter, "title")));
		add_paragraphs(&out, json_object_object_get(chapter, "text"));
		if ((code = json_object_object_get(chapter, "code")) != NULL)
			buf_printf(&out, "```\n%s\n```\n\n", json_object_get_string(code));
		add_paragraphs(&out, json_object_object_get(chapter, "more"));
	}
	return json_object_new_string(out.data);
}

/* The text is written of the tree without the chapters, which it has in info.description. */
static void
write_text(struct document *document, const struct filling *f)
{
	json_object *info = json_object_object_get(document->tree, "info"), *guide;

	guide = json_object_get(json_object_object_get(info, "x-guide"));
	json_object_object_del(info, "x-guide");
	json_object_object_add(info, "description", guide_text(f, guide));
	document->text = json_object_to_json_string_length(
	    document->tree, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &document->len);
	json_object_object_add(info, "x-guide", guide);
}

static void
make(struct document *document, struct request *rq, const struct abilities *can)
{
	const char *page = document_page(rq);
	struct filling f = { .can = can, .arena = rq->arena, .issuer = rq->settings->issuer };
	json_object *source = json_tokener_parse(openapi_source), *types;

	f.api = arena_strndup(rq->arena, page, strlen(page) - 1);
	if (json_pointer_get(source, "/components/schemas/Id/x-by-type", &types) != 0)
		log_fatal(EX_SOFTWARE, "defect", "what", "openapi.json is not as it should be", NULL);
	f.ids = json_object_object_get(json_object_object_get(types, can->id_type), "examples");
	json_object_put(document->tree);
	document->tree = filled(&f, source);
	write_text(document, &f);
	json_object_put(source);
}

const char *
document_page(struct request *rq)
{
	const char *url = rq->settings->contacts_url;

	return arena_strndup(rq->arena, url, strlen(url) - strlen("contacts"));
}

/* Types that JSON tells apart.  What is none of them is a text. */
static const char *
id_type(const char *type)
{
	static const char *const types[] = { "integer", "bigint", "uuid" };
	size_t i;

	if (strcmp(type, "smallint") == 0)
		return "integer";
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(type, types[i]) == 0)
			return types[i];
	}
	return "text";
}

enum err
document_get(struct request *rq, const struct document **ret)
{
	static struct abilities made_for;
	static struct document document;
	struct abilities can;
	const struct rows *rows;
	const struct database *database;
	enum err e;

	rows = db_execute(rq->db, rq->arena, SQL_OPENAPI, NULL, 0);
	if ((e = verdict(rq, rows)) != OK || (e = database_look(rq, &database)) != OK)
		return e;
	can.id_type = id_type(row_text(rows, "id_type"));
	can.search = db_has(rq->db, SQL_CONTACTS_SEARCH);
	can.sync = database != NULL;
	if (document.tree == NULL || strcmp(can.id_type, made_for.id_type) != 0 || can.search != made_for.search ||
	    can.sync != made_for.sync)
		make(&document, rq, &can);
	made_for = can;
	*ret = &document;
	return OK;
}
