/* SPDX-License-Identifier: ISC */
/* The languages of the pages. */
#ifndef POSTERN_LANGUAGE_H
#define POSTERN_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

/* The BCP 47 tags of the languages that the pages are in, NULL after the last; the first is that of who has chosen none. */
extern const char *const language_pages[];

/* The first bytes of a text are of the form of a tag that is used here, as in en or pt-BR. */
bool language_tag(const char *, size_t len);

#endif
