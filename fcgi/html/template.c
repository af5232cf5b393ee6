/* SPDX-License-Identifier: ISC */
/* Page templates: files with gaps for values, which are always escaped. */
#include "config.h"

#include "html/template.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"

enum { TEMPLATE_MAX = 64 * 1024, PIECES = 512, INCLUDES = 8, NESTING = 8 };

enum kind { TEXT, VALUE, SECTION, INVERTED, END };

/* A piece of a template; SECTION and INVERTED know the place of their END. */
struct piece {
	enum kind kind;
	const char *text;          /* the text, or a name */
	size_t len;
	size_t end;
};

struct template {
	struct arena *arena;
	const char *folder, *file;
	struct piece pieces[PIECES];
	size_t count;
	size_t open[NESTING], depth;      /* sections that are open while reading */
};

__attribute__((noreturn)) static void
mistake(const struct template *t, const char *what, const char *where)
{
	log_fatal(EX_CONFIG, "template", "folder", t->folder, "file", t->file, "what", what, "where", where, NULL);
}

static char *
read_file(const struct template *t, const char *name, size_t *ret_len)
{
	char *path = arena_printf(t->arena, "%s/%s.html", t->folder, name), *text = arena_alloc(t->arena, TEMPLATE_MAX + 1);
	FILE *f;

	if ((f = fopen(path, "re")) == NULL)
		mistake(t, strerror(errno), path);
	*ret_len = fread(text, 1, TEMPLATE_MAX + 1, f);
	if (ferror(f) || *ret_len > TEMPLATE_MAX)
		mistake(t, "it can't be read whole", path);
	fclose(f);
	return text;
}

static struct piece *
add(struct template *t, enum kind kind, const char *text, size_t len)
{
	struct piece *p = &t->pieces[t->count];

	if (t->count == PIECES)
		mistake(t, "too many gaps", NULL);
	t->count++;
	p->kind = kind;
	p->text = text;
	p->len = len;
	return p;
}

static void
open_section(struct template *t, enum kind kind, const char *name)
{
	if (t->depth == NESTING)
		mistake(t, "sections are nested too deeply", name);
	t->open[t->depth++] = t->count;
	add(t, kind, name, strlen(name));
}

static void
close_section(struct template *t, const char *name)
{
	struct piece *section;

	if (t->depth == 0 || strcmp((section = &t->pieces[t->open[--t->depth]])->text, name) != 0)
		mistake(t, "this section is not the one that is open", name);
	section->end = t->count;
	add(t, END, name, strlen(name));
}

static void parse(struct template *, const char *name, int includes);

static void
gap(struct template *t, const char *tag, int includes)
{
	switch (*tag) {
	case '#':
		open_section(t, SECTION, tag + 1);
		break;
	case '^':
		open_section(t, INVERTED, tag + 1);
		break;
	case '/':
		close_section(t, tag + 1);
		break;
	case '>':
		parse(t, tag + 1, includes + 1);
		break;
	default:
		add(t, VALUE, tag, strlen(tag));
	}
}

static void
parse(struct template *t, const char *name, int includes)
{
	size_t len;
	char *text, *end, *p, *close;

	if (includes > INCLUDES)
		mistake(t, "files include each other", name);
	text = read_file(t, name, &len);
	end = text + len;
	while ((p = memmem(text, (size_t)(end - text), "{{", 2)) != NULL) {
		add(t, TEXT, text, (size_t)(p - text));
		if ((close = memmem(p, (size_t)(end - p), "}}", 2)) == NULL)
			mistake(t, "a gap is not closed", p);
		gap(t, arena_strndup(t->arena, p + 2, (size_t)(close - p - 2)), includes);
		text = close + 2;
	}
	add(t, TEXT, text, (size_t)(end - text));
}

struct template *
template_read(const char *folder, const char *name)
{
	struct template *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		log_fatal(EX_OSERR, "out_of_memory", NULL);
	t->arena = arena_new(8 * TEMPLATE_MAX * INCLUDES);
	t->folder = folder;
	t->file = name;
	parse(t, name, 0);
	if (t->depth > 0)
		mistake(t, "a section is not closed", t->pieces[t->open[t->depth - 1]].text);
	return t;
}

static const struct template_value *
find(const struct piece *p, const struct template_row *row)
{
	size_t i;

	for (i = 0; i < row->n; i++) {
		if (strcmp(row->values[i].name, p->text) == 0)
			return &row->values[i];
	}
	return NULL;
}

static bool
present(const struct template_value *v)
{
	if (v == NULL)
		return false;
	return v->text != NULL || (v->list != NULL && v->list[0] != NULL) || (v->rows != NULL && v->rows->values != NULL);
}

static void write_pieces(const struct template *, struct buf *, const struct template_row *, size_t i, size_t end,
    const char *item);

/* The section at i, whose name has a value: as often as that has parts. */
static void
write_section(const struct template *t, struct buf *out, const struct template_row *row, size_t i, const char *item)
{
	const struct template_value *v = find(&t->pieces[i], row);
	size_t end = t->pieces[i].end;
	const struct template_row *one;
	const char *const *each;

	for (each = v->list; each != NULL && *each != NULL; each++)
		write_pieces(t, out, row, i + 1, end, *each);
	for (one = v->rows; one != NULL && one->values != NULL; one++)
		write_pieces(t, out, one, i + 1, end, NULL);
	if (v->list == NULL && v->rows == NULL)
		write_pieces(t, out, row, i + 1, end, item);
}

/* Writes the pieces from i up to end; item is what {{.}} stands for. */
static void
write_pieces(const struct template *t, struct buf *out, const struct template_row *row, size_t i, size_t end, const char *item)
{
	const struct template_value *v;
	const struct piece *p;

	for (; i < end; i++) {
		p = &t->pieces[i];
		v = p->kind == TEXT ? NULL : find(p, row);
		if (p->kind == TEXT) {
			buf_add(out, p->text, p->len);
		} else if (p->kind == VALUE) {
			if (strcmp(p->text, ".") == 0 && item != NULL)
				buf_html(out, item);
			else if (present(v) && v->text != NULL)
				buf_html(out, v->text);
		} else if (p->kind == SECTION && present(v)) {
			write_section(t, out, row, i, item);
		} else if (p->kind == INVERTED && !present(v)) {
			write_pieces(t, out, row, i + 1, p->end, item);
		}
		if (p->kind == SECTION || p->kind == INVERTED)
			i = p->end;
	}
}

void
template_write(const struct template *t, struct buf *out, const struct template_value *values, size_t n)
{
	const struct template_row row = { values, n };

	write_pieces(t, out, &row, 0, t->count, NULL);
}
