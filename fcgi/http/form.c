/* SPDX-License-Identifier: ISC */
/* Parameters of a query or of a form body (application/x-www-form-urlencoded), decoded and checked once. */
#include "config.h"

#include "http/form.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *p;

	if (c == '\0' || (p = strchr(digits, c)) == NULL)
		return -1;
	return (int)(p - digits) % 16;
}

/* Decodes in place; -1 for a % without two hexadecimal digits.  What comes out is no longer than what went in. */
static long
decode(char *text, size_t len)
{
	size_t i, out = 0;

	for (i = 0; i < len; i++) {
		if (text[i] == '+') {
			text[out++] = ' ';
		} else if (text[i] != '%') {
			text[out++] = text[i];
		} else {
			if (len - i < 3 || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0)
				return -1;
			text[out++] = (char)(hex(text[i + 1]) * 16 + hex(text[i + 2]));
			i += 2;
		}
	}
	text[out] = '\0';
	return (long)out;
}

static enum err
decode_value(char *value, size_t len)
{
	long n;

	if ((n = decode(value, len)) < 0 || !text_utf8(value, (size_t)n))
		return ERR_BAD_ENCODING;
	return n > FORM_VALUE_MAX ? ERR_LONG_PARAMETER : OK;
}

/* One "name=value".  A name that can't be decoded is nobody's name. */
static void
add(struct form *form, struct arena *arena, const char *pair, size_t len)
{
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - pair);
	char *name = arena_strndup(arena, pair, name_len);
	char *value = equals == NULL ? arena_strdup(arena, "") : arena_strndup(arena, equals + 1, len - name_len - 1);
	long n;

	if ((n = decode(name, name_len)) < 0 || !text_utf8(name, (size_t)n))
		return;
	if (form->count == FORM_PARAMETERS) {
		form->fault = ERR_TOO_LARGE;
		return;
	}
	form->parameters[form->count].name = name;
	form->parameters[form->count].fault = decode_value(value, equals == NULL ? 0 : len - name_len - 1);
	form->parameters[form->count].value = value;
	form->count++;
}

void
form_parse(struct form *form, struct arena *arena, const char *text, size_t len)
{
	const char *end = text + len, *amp;

	form->count = 0;
	form->fault = OK;
	for (; text < end; text = amp + 1) {
		if ((amp = memchr(text, '&', (size_t)(end - text))) == NULL)
			amp = end;
		if (amp > text)
			add(form, arena, text, (size_t)(amp - text));
	}
}

/* The place of a parameter's next value at or after i; count when there is none. */
static size_t
find(const struct form *form, const char *name, size_t i)
{
	while (i < form->count && strcmp(form->parameters[i].name, name) != 0)
		i++;
	return i;
}

const char *
form_get(const struct form *form, const char *name)
{
	size_t i = find(form, name, 0);

	if (i == form->count || form_fault(form, name) != OK || *form->parameters[i].value == '\0')
		return NULL;
	return form->parameters[i].value;
}

bool
form_has(const struct form *form, const char *name)
{
	return find(form, name, 0) < form->count;
}

enum err
form_fault(const struct form *form, const char *name)
{
	size_t i = find(form, name, 0);

	if (i == form->count)
		return OK;
	return find(form, name, i + 1) < form->count ? ERR_REPEATED_PARAMETER : form->parameters[i].fault;
}

const char *
form_next(const struct form *form, const char *name, size_t *pos)
{
	size_t i;

	while ((i = find(form, name, *pos)) < form->count) {
		*pos = i + 1;
		if (form->parameters[i].fault != OK)
			return "";
		if (*form->parameters[i].value != '\0')
			return form->parameters[i].value;
	}
	return NULL;
}
