/* SPDX-License-Identifier: ISC */
/* A line of a log, taken apart. */
#include "config.h"

#include "admin/logline.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* Neither of ours nor of nginx's lines has more. */
enum { WORDS_MAX = 64 };

/* The text between quotes.  \" and \\ become what they stand for; the other escapes stay, they are control characters. */
static const char *
unquote(struct arena *arena, const char *text, const char **ret_end)
{
	const char *end;
	char *out, *o;

	for (end = ++text; *end != '\0' && *end != '"'; end++) {
		if (*end == '\\' && end[1] != '\0')
			end++;
	}
	*ret_end = *end == '"' ? end + 1 : end;
	o = out = arena_alloc(arena, (size_t)(end - text) + 1);
	while (text < end) {
		if (*text == '\\' && (text[1] == '"' || text[1] == '\\'))
			text++;
		*o++ = *text++;
	}
	return out;
}

static const char *
word(struct arena *arena, const char *text, const char **ret_end)
{
	if (*text == '"')
		return unquote(arena, text, ret_end);
	*ret_end = text + strcspn(text, " ");
	return arena_strndup(arena, text, (size_t)(*ret_end - text));
}

static void
put_pair(struct logline *l, struct arena *arena, const char *text, size_t key, const char **ret_end)
{
	const char *value = word(arena, text + key + 1, ret_end);

	if (l->count == LOGLINE_PAIRS)
		return;
	l->pairs[l->count].key = arena_strndup(arena, text, key);
	l->pairs[l->count++].value = value;
}

/* A word without a key: the time in front, nginx's request and status, or a further one of a value ("up=502, 504"). */
static void
put_word(struct logline *l, struct arena *arena, const char *text, bool quoted)
{
	if (quoted)
		l->request = text;
	else if (l->request != NULL && l->status == NULL)
		l->status = text;
	else if (l->count > 0)
		l->pairs[l->count - 1].value = arena_printf(arena, "%s %s", l->pairs[l->count - 1].value, text);
	else if (l->time == NULL && *text >= '0' && *text <= '9')
		l->time = text;
}

bool
logline_parse(struct logline *l, struct arena *arena, const char *line)
{
	const char *text;
	size_t key, words;
	bool quoted;

	memset(l, 0, sizeof(*l));
	if (!text_printable(line))
		return false;
	line += strspn(line, " ");
	for (words = 0; *line != '\0' && words < WORDS_MAX; words++, line += strspn(line, " ")) {
		key = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
		if (key > 0 && line[key] == '=') {
			put_pair(l, arena, line, key, &line);
			continue;
		}
		quoted = *line == '"';
		text = word(arena, line, &line);
		put_word(l, arena, text, quoted);
	}
	if (l->time == NULL)
		l->time = logline_get(l, "time");
	return logline_get(l, "event") != NULL || (l->request != NULL && l->status != NULL);
}

const char *
logline_get(const struct logline *l, const char *key)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		if (strcmp(l->pairs[i].key, key) == 0)
			return l->pairs[i].value;
	}
	return NULL;
}
