/* SPDX-License-Identifier: ISC */
/* A pool of memory for one request: everything is given back, and zeroed, at once. */
#ifndef POSTERN_ARENA_H
#define POSTERN_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* Makes an arena that holds at most cap bytes.  Whoever asks for more ends the process: the parent forks another worker. */
struct arena *arena_new(size_t cap);
void arena_free(struct arena *);

/* Memory that lives until the next arena_reset.  Zeroed, aligned for any type, never NULL. */
void *arena_alloc(struct arena *, size_t size);
/* The same for n elements; an overflow of the product ends the process. */
void *arena_array(struct arena *, size_t n, size_t size);

char *arena_strdup(struct arena *, const char *);
char *arena_strndup(struct arena *, const char *, size_t len);
char *arena_printf(struct arena *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *, const char *fmt, va_list) __attribute__((format(printf, 2, 0)));

/* Calls fn(ptr) at the next arena_reset, the last one deferred first: for a PGresult, a json_object, an EVP_*. */
void arena_defer(struct arena *, void (*fn)(void *), void *ptr);

/* Runs what was deferred and zeroes all that was handed out. */
void arena_reset(struct arena *);

#endif
