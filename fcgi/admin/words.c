/* SPDX-License-Identifier: ISC */
/* Lists of words, separated by single spaces, "" for none: scopes, resources, grants, redirect URIs.  What is made is the tool's. */
#include "config.h"

#include "admin/words.h"

#include <string.h>

#include "admin/postern.h"
#include "base/arena.h"

const char *
words_next(const char **rest, size_t *ret_len)
{
	const char *word = *rest + strspn(*rest, " ");

	*ret_len = strcspn(word, " ");
	*rest = word + *ret_len;
	return *ret_len == 0 ? NULL : word;
}

static bool
has(const char *list, const char *word, size_t len)
{
	const char *one;
	size_t n;

	while ((one = words_next(&list, &n)) != NULL) {
		if (n == len && memcmp(one, word, len) == 0)
			return true;
	}
	return false;
}

bool
words_have(const char *list, const char *word)
{
	return has(list, word, strlen(word));
}

bool
words_within(const char *list, const char *all)
{
	const char *word;
	size_t len;

	while ((word = words_next(&list, &len)) != NULL) {
		if (!has(all, word, len))
			return false;
	}
	return true;
}

const char *
words_with(const char *list, const char *word)
{
	if (words_have(list, word))
		return list;
	return *list == '\0' ? word : arena_printf(tool_arena, "%s %s", list, word);
}

const char *
words_without(const char *list, const char *word)
{
	const char *rest = list, *one, *left = "";
	size_t len;

	while ((one = words_next(&rest, &len)) != NULL) {
		if (len != strlen(word) || memcmp(one, word, len) != 0)
			left = words_with(left, arena_strndup(tool_arena, one, len));
	}
	return left;
}
