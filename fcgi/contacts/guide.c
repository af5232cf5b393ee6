/* SPDX-License-Identifier: ISC */
/* GET /: what this API is and can do here, for a person.  The page is made of the same document as /openapi.json. */
#include "config.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "contacts/document.h"
#include "contacts/handlers.h"
#include "html/page.h"
#include "http/request.h"
#include "server/settings.h"

/* The document's parts as values of a template.  A member is the value of its name; an object or a list of objects are rows.  Besides:
 * an object of named things (paths, headers) is a row for each, whose name is {{key}}; a $ref stands for what it names; a text for
 * people is also rows of {{plain}} and {{mono}}, which were in `backquotes`. */

static bool
one_of(const char *const *names, const char *name)
{
	for (; *names != NULL; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

static const struct template_row *
words(struct arena *arena, const char *text)
{
	struct template_row *rows;
	struct template_value *value;
	size_t n = 1, i, len;
	const char *p;

	for (p = text; *p != '\0'; p++)
		n += *p == '`';
	rows = arena_array(arena, n + 1, sizeof(*rows));
	for (i = 0; i < n; i++) {
		len = strcspn(text, "`");
		value = arena_alloc(arena, sizeof(*value));
		value->name = i % 2 == 0 ? "plain" : "mono";
		value->text = arena_strndup(arena, text, len);
		rows[i].values = value;
		rows[i].n = 1;
		text += len + (text[len] != '\0');
	}
	return rows;
}

static const char *
spelled(json_object *value)
{
	if (json_object_is_type(value, json_type_string))
		return json_object_get_string(value);
	return json_object_to_json_string_ext(
	    value, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
}

static struct template_value value_of(struct arena *, json_object *root, const char *name, json_object *);

/* The members of an object, and key where it has a name of its own. */
static struct template_row
row_of(struct arena *arena, json_object *root, const char *key, json_object *object)
{
	struct template_value *values;
	struct template_row row;
	json_object *ref;

	if ((ref = json_object_object_get(object, "$ref")) != NULL &&
	    json_pointer_get(root, json_object_get_string(ref) + strlen("#"), &object) != 0)
		object = NULL;
	values = arena_array(arena, (size_t)json_object_object_length(object) + 1, sizeof(*values));
	row.values = values;
	row.n = 0;
	if (key != NULL)
		values[row.n++] = (struct template_value) { .name = "key", .text = key };
	json_object_object_foreach(object, name, member)
		values[row.n++] = value_of(arena, root, name, member);
	return row;
}

static const struct template_row *
rows_of_named(struct arena *arena, json_object *root, json_object *object)
{
	struct template_row *rows = arena_array(arena, (size_t)json_object_object_length(object) + 1, sizeof(*rows));
	size_t i = 0;

	json_object_object_foreach(object, name, member)
		rows[i++] = row_of(arena, root, name, member);
	return rows;
}

static const struct template_row *
rows_of_array(struct arena *arena, json_object *root, json_object *array)
{
	size_t i, n = json_object_array_length(array);
	struct template_row *rows = arena_array(arena, n + 1, sizeof(*rows));

	for (i = 0; i < n; i++)
		rows[i] = row_of(arena, root, NULL, json_object_array_get_idx(array, i));
	return rows;
}

/* A row for each paragraph, which has {{words}}. */
static const struct template_row *
paragraphs(struct arena *arena, json_object *texts)
{
	size_t i, n = json_object_array_length(texts);
	struct template_row *rows = arena_array(arena, n + 1, sizeof(*rows));
	struct template_value *value;

	for (i = 0; i < n; i++) {
		value = arena_alloc(arena, sizeof(*value));
		value->name = "words";
		value->rows = words(arena, json_object_get_string(json_object_array_get_idx(texts, i)));
		rows[i].values = value;
		rows[i].n = 1;
	}
	return rows;
}

static const char *const *
list_of(struct arena *arena, json_object *array)
{
	size_t i, n = json_object_array_length(array);
	const char **list = arena_array(arena, n + 1, sizeof(*list));

	for (i = 0; i < n; i++)
		list[i] = spelled(json_object_array_get_idx(array, i));
	return list;
}

static struct template_value
value_of(struct arena *arena, json_object *root, const char *name, json_object *value)
{
	static const char *const named[] = { "paths", "responses", "headers", "content", "properties", "examples", NULL };
	static const char *const as_is[] = { "value", "example", NULL };
	static const char *const chapters[] = { "text", "more", NULL };
	struct template_value v = { .name = name };
	struct template_row *rows;

	if (one_of(as_is, name) || json_object_is_type(value, json_type_string)) {
		v.text = spelled(value);
		if (strcmp(name, "description") == 0)
			v.rows = words(arena, v.text);
	} else if (json_object_is_type(value, json_type_array)) {
		if (one_of(chapters, name))
			v.rows = paragraphs(arena, value);
		else if (json_object_is_type(json_object_array_get_idx(value, 0), json_type_object))
			v.rows = rows_of_array(arena, root, value);
		else
			v.list = list_of(arena, value);
	} else if (json_object_is_type(value, json_type_object)) {
		rows = arena_array(arena, 2, sizeof(*rows));
		if (one_of(named, name)) {
			v.rows = rows_of_named(arena, root, value);
		} else {
			rows[0] = row_of(arena, root, NULL, value);
			v.rows = rows;
		}
	} else if (!json_object_is_type(value, json_type_boolean) || json_object_get_boolean(value)) {
		v.text = spelled(value);
	}
	return v;
}

/* Its part at a JSON pointer, as a value of that name. */
static struct template_value
part(struct request *rq, const struct document *document, const char *name, const char *pointer)
{
	json_object *at = NULL;

	json_pointer_get(document->tree, pointer, &at);
	return value_of(rq->arena, document->tree, name, at);
}

enum err
guide(struct request *rq)
{
	const struct document *document;
	enum err e;

	if ((e = document_get(rq, &document)) != OK)
		return e;
	const struct template_value values[] = {
		part(rq, document, "title", "/info/title"),
		part(rq, document, "summary", "/info/summary"),
		part(rq, document, "chapters", "/info/x-guide"),
		part(rq, document, "paths", "/paths"),
		part(rq, document, "properties", "/components/schemas/Contact/properties"),
		part(rq, document, "errors", "/components/schemas/Problem/properties/error/oneOf"),
		{ .name = "contacts_url", .text = rq->settings->contacts_url },
		{ .name = "issuer", .text = rq->settings->issuer },
	};
	page_send(rq, 200, PAGE_API, NULL, values, sizeof(values) / sizeof(values[0]));
	return OK;
}
