/* SPDX-License-Identifier: ISC */
/* Page templates: files with gaps for values, which are always escaped.
 *
 *   {{name}}                 the value, escaped
 *   {{#name}} ... {{/name}}  what stands between, if there is a value; once for each of a list's, where {{.}} is that one, and once
 *                            for each row, where a name is the row's own
 *   {{^name}} ... {{/name}}  what stands between, if there is none
 *   {{>file}}                file.html of the same folder
 *
 * There is no way to write a value unescaped, and no logic. */
#ifndef POSTERN_TEMPLATE_H
#define POSTERN_TEMPLATE_H

#include <stddef.h>

struct buf;

struct template_row;

/* A value of a page: a text, a list that ends with NULL, or rows.  All NULL: no value. */
struct template_value {
	const char *name;
	const char *text;
	const char *const *list;
	const struct template_row *rows;     /* ends with one whose values are NULL */
};

/* Values that belong together. */
struct template_row {
	const struct template_value *values;
	size_t n;
};

struct template;

/* Reads FOLDER/NAME.html and what it includes.  A mistake in it ends the process with file and reason (EX_CONFIG): a page is read at
 * start, not when a person needs it. */
struct template *template_read(const char *folder, const char *name);

void template_write(const struct template *, struct buf *, const struct template_value *, size_t n);

#endif
