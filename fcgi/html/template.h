/* SPDX-License-Identifier: ISC */
/* Page templates: files with gaps for values, which are always escaped.
 *
 *   {{name}}                 the value, escaped
 *   {{#name}} ... {{/name}}  what stands between, if there is a value; once for each of a list's, where {{.}} is that one
 *   {{^name}} ... {{/name}}  what stands between, if there is none
 *   {{>file}}                file.html of the same folder
 *
 * There is no way to write a value unescaped, and no logic. */
#ifndef POSTERN_TEMPLATE_H
#define POSTERN_TEMPLATE_H

#include <stddef.h>

struct buf;

/* A value of a page: a text, or a list that ends with NULL.  Both NULL: no value. */
struct template_value {
	const char *name;
	const char *text;
	const char *const *list;
};

struct template;

/* Reads FOLDER/NAME.html and what it includes.  A mistake in it ends the process with file and reason (EX_CONFIG): a page is read at
 * start, not when a person needs it. */
struct template *template_read(const char *folder, const char *name);

void template_write(const struct template *, struct buf *, const struct template_value *, size_t n);

#endif
