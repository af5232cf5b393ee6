/* SPDX-License-Identifier: ISC */
/* base/arena: zeroed, aligned, capped, and zeroed again. */
#include "config.h"

#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <sysexits.h>

#include "tap.h"

enum { CAP = 1000 * 1000 };

static bool
all_zero(const char *p, size_t n)
{
	while (n > 0 && p[n - 1] == '\0')
		n--;
	return n == 0;
}

static void
test_alloc(struct arena *a)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 4000, 70000, 1, 200000 };
	bool aligned = true, zeroed = true, apart = true;
	char *p, *last = NULL;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		p = arena_alloc(a, sizes[i]);
		aligned = aligned && (uintptr_t)p % alignof(max_align_t) == 0;
		zeroed = zeroed && all_zero(p, sizes[i]);
		apart = apart && p != last;
		memset(p, 'x', sizes[i]);
		last = p;
	}
	ok(aligned, "aligned");
	ok(zeroed, "zeroed");
	ok(apart, "no two at one address");
}

static void
test_reset(struct arena *a)
{
	char *p, *again;

	arena_reset(a);
	p = arena_strdup(a, "a password");
	arena_reset(a);
	ok(all_zero(p, 16), "a reset zeroes what was handed out");
	again = arena_alloc(a, 16);
	ok(again == p, "the first block is kept");
	memset(again, 'x', 16);
	arena_alloc(a, 500000);
	arena_reset(a);
	ok(all_zero(arena_alloc(a, 60000), 60000), "all of it is zero after the reset of many blocks");
	arena_reset(a);
	arena_alloc(a, CAP);
	arena_reset(a);
	ok(arena_alloc(a, CAP) != NULL, "up to the cap, again and again");
	arena_reset(a);
}

static void
test_texts(struct arena *a)
{
	is(arena_strdup(a, "abc"), "abc", "strdup");
	is(arena_strndup(a, "abcdef", 3), "abc", "strndup cuts");
	is(arena_strndup(a, "ab", 30), "ab", "strndup ends at the NUL");
	is(arena_printf(a, "%d %s", 7, "x"), "7 x", "printf");
	is(arena_printf(a, "%s", ""), "", "an empty printf");
}

static char order[8];

static void
note(void *name)
{
	order[strlen(order)] = *(const char *)name;
}

static void
test_defer(struct arena *a)
{
	char names[] = "abc";

	arena_defer(a, note, &names[0]);
	arena_defer(a, note, &names[1]);
	arena_defer(a, note, &names[2]);
	is(order, "", "nothing deferred runs at once");
	arena_reset(a);
	is(order, "cba", "the last one deferred runs first");
	arena_reset(a);
	is(order, "cba", "and once");
}

/* What goes beyond the cap, by name. */
static void
exceed(const void *how)
{
	struct arena *a = arena_new(100000);
	int i;

	if (strcmp(how, "one too large") == 0)
		arena_alloc(a, 100001);
	else if (strcmp(how, "SIZE_MAX") == 0)
		arena_alloc(a, SIZE_MAX);
	else if (strcmp(how, "an overflowing array") == 0)
		arena_array(a, SIZE_MAX / 4, 8);
	else
		for (i = 0; i < 200000; i++)
			arena_alloc(a, 1);
}

int
main(void)
{
	static const char *const cases[] = { "one too large", "SIZE_MAX", "an overflowing array", "many small ones" };
	struct arena *a = arena_new(CAP);
	char said[8192];
	size_t i;

	test_alloc(a);
	test_reset(a);
	test_texts(a);
	test_defer(a);
	arena_free(a);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ok(child(exceed, cases[i], said, sizeof(said)) == EX_OSERR, "%s: the process ends", cases[i]);
		ok(strstr(said, "event=arena_exceeded") != NULL, "%s: and says why", cases[i]);
	}
	return tap_end();
}
