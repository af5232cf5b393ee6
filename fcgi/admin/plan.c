/* SPDX-License-Identifier: ISC */
/* Judges the plan of a statement: what it reads of the directory it must find by key.
 *
 * A statement has one plan for ever, and it must be good for ten million people: each table of the directory is entered by an index
 * with a condition that holds a parameter or a value of another table, each foreign one with such a condition in what is sent to its
 * server; or a limit right above it lets no more through than it says.  Else it is read from end to end, once for each request. */
#include "config.h"

#include "admin/plan.h"

#include <ctype.h>
#include <json-c/json.h>
#include <string.h>
#include <sysexits.h>

#include "admin/postern.h"
#include "base/arena.h"

/* A node below a node is two levels of JSON. */
enum { DEPTH = 1024 };

static const char *
text_of(struct json_object *node, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(node, key, &value) ? json_object_get_string(value) : "";
}

static bool
is(struct json_object *node, const char *type)
{
	return strcmp(text_of(node, "Node Type"), type) == 0;
}

/* What is ours, and PostgreSQL's own, is as it was made. */
static bool
of_directory(struct json_object *node)
{
	const char *schema = text_of(node, "Schema");

	return (*schema != '\0' && strcmp(schema, "oauth") != 0 && strcmp(schema, "pg_catalog") != 0) || is(node, "Foreign Scan");
}

/* A name, bare or in double quotes, that begins there: its length, quotes included; 0 where none does. */
static size_t
name_len(const char *p)
{
	size_t n;

	if (*p == '"')
		return strcspn(p + 1, "\"") + 2;
	for (n = 0; isalnum((unsigned char)p[n]) || p[n] == '_' || (unsigned char)p[n] >= 0x80; n++)
		continue;
	return n;
}

/* The condition compares with something from elsewhere: a parameter ($1), or a column of another table (PostgreSQL writes the
 * table's alias before each).  With constants alone it finds the same rows whoever asks. */
static bool
asks_for_one(const char *condition, const char *alias)
{
	const char *p = condition;
	size_t n;

	while (*p != '\0') {
		if (*p == '$' && isdigit((unsigned char)p[1]))
			return true;
		if (*p == '\'')
			p += strcspn(p + 1, "'") + 1;
		if ((n = name_len(p)) > 0 && p[n] == '.' && (n != strlen(alias) || strncmp(p, alias, n) != 0))
			return true;
		p += n > 0 ? n : *p != '\0';
		if (n > 0 && *p == '.')
			p += 1 + name_len(p + 1);
	}
	return false;
}

/* The foreign wrappers name what they send "Remote SQL", "Remote query" or alike. */
static const char *
remote_sql(struct json_object *node)
{
	struct json_object_iterator i = json_object_iter_begin(node), end = json_object_iter_end(node);
	const char *text;

	for (; !json_object_iter_equal(&i, &end); json_object_iter_next(&i)) {
		if (!json_object_is_type(json_object_iter_peek_value(&i), json_type_string))
			continue;
		text = json_object_get_string(json_object_iter_peek_value(&i));
		if (strncasecmp(text, "SELECT ", 7) == 0)
			return text;
	}
	return NULL;
}

static bool
remote_limits(struct json_object *node)
{
	const char *sql = remote_sql(node);

	return sql != NULL && strstr(sql, " LIMIT ") != NULL;
}

/* Before that place of a condition stands "(COLUMN = " or another comparison; a cast between texts is none of the other server's. */
static bool
compares_column(const char *begin, const char *p)
{
	static const char cast[] = "::text";
	const char *end;

	if (p - begin < 4 || p[-1] != ' ')
		return false;
	for (p--; p > begin && strchr("=<>", p[-1]) != NULL; p--)
		continue;
	if (p[-1] != ' ')
		return false;
	p--;
	if (p - begin > (long)strlen(cast) && strncmp(p - strlen(cast), cast, strlen(cast)) == 0)
		p -= strlen(cast);
	for (end = p;
	     p > begin && (isalnum((unsigned char)p[-1]) || strchr("_.\"`", p[-1]) != NULL || (unsigned char)p[-1] >= 0x80); p--)
		continue;
	return p < end && p > begin && p[-1] == '(';
}

/* What is sent to the other server has a condition that it can use an index for.  A parameter is $1 or ? there. */
static bool
remote_finds(const char *sql)
{
	const char *where = strstr(sql, " WHERE "), *p;

	for (p = where == NULL ? NULL : strpbrk(where, "$?"); p != NULL; p = strpbrk(p + 1, "$?")) {
		if (compares_column(where, p))
			return true;
	}
	return false;
}

static const char *
table_of(struct json_object *node)
{
	if (*text_of(node, "Relation Name") == '\0')
		return *text_of(node, "Relations") == '\0' ? text_of(node, "Function Name") : text_of(node, "Relations");
	return arena_printf(tool_arena, "%s.%s", text_of(node, "Schema"), text_of(node, "Relation Name"));
}

static void
blame(struct plan *plan, const char *wrong, const char *todo)
{
	if (plan->wrong != NULL)
		return;
	plan->wrong = wrong;
	plan->todo = todo;
}

static void
judge_foreign(struct plan *plan, struct json_object *node, bool first)
{
	const char *sql = remote_sql(node), *table = table_of(node), *filter = text_of(node, "Filter");

	/* A page's place in the order must be sent, too. */
	if (first && asks_for_one(filter, text_of(node, "Alias"))) {
		blame(plan, arena_printf(tool_arena, "fetches from %s what it then leaves out by %s", table, filter),
		    "the view must show the key columns of the foreign table as they are, without cast or function; "
		    "words and changes (contact_word, contact_change) have to be in this database");
		return;
	}
	if ((first && *filter == '\0') || remote_limits(node))
		return;
	if (sql == NULL)
		blame(plan, arena_printf(tool_arena, "what is asked of the server of %s can't be seen", table),
		    "its foreign-data wrapper must send the key condition to the other server; postgres_fdw and mysql_fdw show it");
	else if (!remote_finds(sql))
		blame(plan, arena_printf(tool_arena, "asks the server of %s without a key: %s", table, sql),
		    "the view must show the key column of the foreign table as it is, without cast or function: "
		    "give it the right type in the foreign table");
}

static void
judge_scan(struct plan *plan, struct json_object *node, bool bounded)
{
	const char *alias = text_of(node, "Alias"), *filter = text_of(node, "Filter"), *cond = text_of(node, "Index Cond");

	if (is(node, "Bitmap Heap Scan"))
		cond = text_of(node, "Recheck Cond");
	if (bounded || asks_for_one(cond, alias))
		return;
	if (is(node, "Function Scan"))
		blame(plan, arena_printf(tool_arena, "all that the function %s returns is made each time", table_of(node)),
		    "let the view read a table instead");
	else
		blame(plan,
		    arena_printf(
		        tool_arena, "reads the whole of %s%s%s", table_of(node), *filter == '\0' ? "" : " to find ", filter),
		    arena_printf(tool_arena,
		        "let the view show the key column as it is, without cast or function, "
		        "and have an index on it: create index on %s (...)",
		        table_of(node)));
}

static bool
reads_tables(struct json_object *node)
{
	static const char *const types[] = { "Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Function Scan",
		"Sample Scan", "Foreign Scan" };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (is(node, types[i]))
			return true;
	}
	return false;
}

static struct json_object *
child(struct json_object *node, size_t i)
{
	struct json_object *plans;

	return json_object_object_get_ex(node, "Plans", &plans) ? json_object_array_get_idx(plans, i) : NULL;
}

/* The table of the directory whose rows come up to this node without a limit; NULL: none. */
static const char *
unlimited(struct json_object *node)
{
	const char *table;
	struct json_object *c;
	size_t i;

	if (is(node, "Limit") || remote_limits(node))
		return NULL;
	if (of_directory(node) && reads_tables(node))
		return table_of(node);
	for (i = 0; (c = child(node, i)) != NULL; i++) {
		if ((table = unlimited(c)) != NULL)
			return table;
	}
	return NULL;
}

/* A page is short, but to sort for it takes all that its owner has. */
static void
judge_sort(struct plan *plan, struct json_object *node)
{
	const char *table = unlimited(node);

	if (table != NULL)
		blame(plan, arena_printf(tool_arena, "sorts all that a person has in %s for each page", table),
		    "have an index on the owner and then the order of the pages (on a foreign table, at its server): "
		    "owner_id, id for directory.contact; owner_id, word, id for contact_word; "
		    "owner_id, xid, seq for contact_change");
}

/* paged: somewhere below a limit; first: right below it, so that no more rows are read than it lets through. */
static void
walk(struct plan *plan, struct json_object *node, bool paged, bool first)
{
	bool limit = is(node, "Limit"), filtered = *text_of(node, "Filter") != '\0';
	struct json_object *c;
	size_t i;

	if (of_directory(node)) {
		plan->directory = true;
		if (is(node, "Foreign Scan"))
			judge_foreign(plan, node, first);
		else if (reads_tables(node))
			judge_scan(plan, node, first && !filtered);
	}
	first = limit || (first && !filtered && (is(node, "Result") || is(node, "Subquery Scan")));
	for (i = 0; (c = child(node, i)) != NULL; i++)
		walk(plan, c, paged || limit, first);
	/* After what it sorts: without an index at all, that is what to tell. */
	if (paged && (is(node, "Sort") || is(node, "Incremental Sort")))
		judge_sort(plan, node);
}

struct json_object *
plan_read(const char *text)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	struct json_object *explained = NULL;

	if (tokener != NULL) {
		explained = json_tokener_parse_ex(tokener, text, (int)strlen(text) + 1);
		json_tokener_free(tokener);
	}
	if (!json_object_is_type(explained, json_type_array))
		tool_fail(EX_SOFTWARE, "a plan is not of the form that is expected");
	return explained;
}

struct plan
plan_judge(struct json_object *explained)
{
	struct plan plan = { 0 };
	struct json_object *root;

	if (json_object_object_get_ex(json_object_array_get_idx(explained, 0), "Plan", &root))
		walk(&plan, root, false, false);
	return plan;
}

/* The qualified columns of one expression are among those of the other. */
static bool
shares_column(const char *a, const char *b)
{
	const char *column;
	size_t n;

	for (; *a != '\0'; a += n > 0 ? n : 1) {
		if ((n = name_len(a)) == 0 || a[n] != '.')
			continue;
		n += 1 + name_len(a + n + 1);
		column = arena_strndup(tool_arena, a, n);
		if (strstr(b, column) != NULL)
			return true;
	}
	return false;
}

bool
plan_derives(struct json_object *explained, size_t what, size_t from)
{
	struct json_object *node, *output;

	if (!json_object_object_get_ex(json_object_array_get_idx(explained, 0), "Plan", &node))
		return false;
	/* Of several tables the first one's speaks for all. */
	while (is(node, "Append") && child(node, 0) != NULL)
		node = child(node, 0);
	if (!json_object_object_get_ex(node, "Output", &output) || json_object_array_length(output) <= what)
		return false;
	return shares_column(json_object_get_string(json_object_array_get_idx(output, from)),
	    json_object_get_string(json_object_array_get_idx(output, what)));
}

const char *
plan_column(struct json_object *explained, size_t i)
{
	struct json_object *node, *output;
	const char *text;
	size_t n, column;

	if (!json_object_object_get_ex(json_object_array_get_idx(explained, 0), "Plan", &node) ||
	    !json_object_object_get_ex(node, "Output", &output) || json_object_array_length(output) <= i)
		return NULL;
	text = json_object_get_string(json_object_array_get_idx(output, i));
	if ((n = name_len(text)) == 0 || text[n] != '.')
		return NULL;
	text += n + 1;
	if ((column = name_len(text)) == 0 || text[column] != '\0')
		return NULL;
	return *text == '"' ? arena_strndup(tool_arena, text + 1, column - 2) : arena_strdup(tool_arena, text);
}
