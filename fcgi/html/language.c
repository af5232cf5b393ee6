/* SPDX-License-Identifier: ISC */
/* The languages of the pages.  Another one begins here: a tag, its pages, and sentences of all scopes ("postern scope list"). */
#include "config.h"

#include "html/language.h"

#include <string.h>

const char *const language_pages[] = { "en", NULL };

/* RFC 5646 2.1: two or three letters, then parts of two to eight letters and digits. */
bool
language_tag(const char *text, size_t len)
{
	static const char alnum[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t n = strspn(text, alnum), part;

	if (n < 2 || n > 3 || strcspn(text, "0123456789") < n)
		return false;
	while (n < len && text[n] == '-') {
		part = strspn(text + n + 1, alnum);
		if (part < 2 || part > 8)
			return false;
		n += 1 + part;
	}
	return n == len;
}
