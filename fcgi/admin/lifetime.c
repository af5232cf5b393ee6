/* SPDX-License-Identifier: ISC */
/* Spans of time as an administrator writes and reads them: 45s, 10m, 12h, 30d. */
#include "config.h"

#include "admin/lifetime.h"

#include <stddef.h>
#include <string.h>

#include "admin/postern.h"
#include "base/arena.h"
#include "base/text.h"

enum { NUMBER_MAX = 9 };

static const struct {
	char letter;
	int64_t seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

bool
lifetime_read(const char *text, int64_t least, int64_t most, int64_t *ret)
{
	size_t len = strspn(text, "0123456789"), i;
	int64_t number, unit = text[len] == '\0' ? 1 : 0;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (text[len] == units[i].letter && text[len + 1] == '\0')
			unit = units[i].seconds;
	}
	if (unit == 0 || len > NUMBER_MAX || !text_number(arena_strndup(tool_arena, text, len), 0, most / unit, &number) ||
	    number * unit < least)
		return false;
	*ret = number * unit;
	return true;
}

const char *
lifetime_say(int64_t seconds)
{
	size_t i = 0;

	while (seconds % units[i].seconds != 0)
		i++;
	return arena_printf(tool_arena, "%lld%c", (long long)(seconds / units[i].seconds), units[i].letter);
}
