/* SPDX-License-Identifier: ISC */
/* A request's memory: a first block that stays, further ones that are freed at the reset. */
#include "config.h"

#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"

/* The first block serves nearly every request alone, so that a request costs no malloc. */
enum { BLOCK_SIZE = 64 * 1024 };

struct block {
	struct block *next;
	size_t size, used;                    /* of data */
	alignas(max_align_t) char data[];     /* zero beyond used */
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *ptr;
};

struct arena {
	size_t cap, total;                    /* bytes that may be, and are, handed out */
	struct block *first, *last;
	struct deferred *deferred;            /* the last one first */
};

static struct block *
block_new(size_t size)
{
	struct block *b;

	if ((b = calloc(1, sizeof(*b) + size)) == NULL)
		log_fatal(EX_OSERR, "out_of_memory", NULL);
	b->size = size;
	return b;
}

struct arena *
arena_new(size_t cap)
{
	struct arena *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		log_fatal(EX_OSERR, "out_of_memory", NULL);
	a->cap = cap;
	a->first = a->last = block_new(BLOCK_SIZE);
	return a;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	free(a->first);
	free(a);
}

static void
exceeded(const struct arena *a, size_t size)
{
	char asked[24], cap[24];

	snprintf(asked, sizeof(asked), "%zu", size);
	snprintf(cap, sizeof(cap), "%zu", a->cap);
	log_fatal(EX_OSERR, "arena_exceeded", "asked", asked, "cap", cap, NULL);
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t unit = alignof(max_align_t);
	struct block *b = a->last;
	void *p;

	if (size > a->cap - a->total)
		exceeded(a, size);
	/* Two allocations never share a unit, not even empty ones. */
	size = (size / unit + (size % unit != 0 || size == 0)) * unit;
	if (size > b->size - b->used) {
		b = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE);
		a->last = a->last->next = b;
	}
	p = b->data + b->used;
	b->used += size;
	a->total = size > a->cap - a->total ? a->cap : a->total + size;
	return p;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		exceeded(a, SIZE_MAX);
	return arena_alloc(a, n * size);
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	size_t n = strnlen(s, len);
	char *copy = arena_alloc(a, n + 1);

	memcpy(copy, s, n);
	return copy;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return text;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		log_fatal(EX_SOFTWARE, "format", "format", fmt, NULL);
	text = arena_alloc(a, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	return text;
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *ptr)
{
	struct deferred *d = arena_alloc(a, sizeof(*d));

	d->next = a->deferred;
	d->fn = fn;
	d->ptr = ptr;
	a->deferred = d;
}

void
arena_reset(struct arena *a)
{
	struct block *b, *next;
	struct deferred *d;

	while ((d = a->deferred) != NULL) {
		a->deferred = d->next;
		d->fn(d->ptr);
	}
	for (b = a->first->next; b != NULL; b = next) {
		next = b->next;
		explicit_bzero(b->data, b->used);
		free(b);
	}
	explicit_bzero(a->first->data, a->first->used);
	a->first->used = 0;
	a->first->next = NULL;
	a->last = a->first;
	a->total = 0;
}
