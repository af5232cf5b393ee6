/* SPDX-License-Identifier: ISC */
/* oauth/user_code: what is read as a user code, what is made, and how it is kept. */
#include "config.h"

#include "oauth/user_code.h"

#include <string.h>

#include "base/arena.h"
#include "crypto/keyring.h"
#include "tap.h"

static struct arena *arena;

static const struct {
	const char *typed, *code; /* NULL: no user code */
} typed[] = {
	{ "BCDF-GHJK", "BCDFGHJK" },
	{ "bcdfghjk", "BCDFGHJK" },
	{ " b c d f . g h j k\t", "BCDFGHJK" },
	{ "BCDF\xe2\x80\x93GHJK", "BCDFGHJK" },
	{ "WXZT-VSRQ", "WXZTVSRQ" },
	{ "BCDF-GHJ", NULL },
	{ "BCDF-GHJKL", NULL },
	{ "ACDF-GHJK", NULL },
	{ "YCDF-GHJK", NULL },
	{ "BCDF-GHJ0", NULL },
	{ "--------", NULL },
	{ "", NULL },
	{ NULL, NULL },
};

static void
test_read(void)
{
	char longest[66] = "BCDFGHJK";
	const char *code;
	size_t i;

	for (i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		code = user_code_read(arena, typed[i].typed);
		ok(typed[i].code == NULL ? code == NULL : code != NULL && strcmp(code, typed[i].code) == 0, "\"%s\" is %s",
		    typed[i].typed == NULL ? "nothing" : typed[i].typed, typed[i].code == NULL ? "no user code" : typed[i].code);
	}
	memset(longest + 8, '-', 56);
	ok(user_code_read(arena, longest) != NULL, "64 characters are read");
	longest[64] = '-';
	ok(user_code_read(arena, longest) == NULL, "65 are not");
	ok(strcmp(user_code_spell(arena, "BCDFGHJK"), "BCDF-GHJK") == 0, "people read it in two halves");
}

/* Each letter comes 400 times in a thousand codes; below 300 or above 500 is five standard deviations away. */
static void
test_new(void)
{
	static const char letters[] = "BCDFGHJKLMNPQRSTVWXZ";
	int seen[256] = { 0 }, i, good = 0;
	const char *p;

	for (i = 0; i < 1000; i++) {
		for (p = user_code_new(arena); *p != '\0'; p++)
			seen[(unsigned char)*p]++;
	}
	for (p = letters; *p != '\0'; p++)
		good += seen[(unsigned char)*p] >= 300 && seen[(unsigned char)*p] <= 500;
	ok(good == 20, "each of the twenty letters is as likely as any");
}

static void
test_mac(void)
{
	struct keyring ring = { .count = 2 }, turned = { .count = 2 };
	const char *mac, *macs;

	memset(ring.keys[0].secret, 1, KEY_SIZE);
	memset(ring.keys[1].secret, 2, KEY_SIZE);
	turned.keys[0] = ring.keys[1];
	turned.keys[1] = ring.keys[0];
	mac = user_code_mac(arena, &ring, "BCDFGHJK");
	macs = user_code_macs(arena, &turned, "BCDFGHJK");
	ok(strlen(mac) == 2 + 64 && strncmp(mac, "\\x", 2) == 0, "an HMAC is 32 bytes");
	ok(strstr(macs, mac) != NULL && strncmp(macs, "{\"\\\\x", 5) == 0, "a key that is not active any more finds it");
	ok(strcmp(mac, user_code_mac(arena, &turned, "BCDFGHJK")) != 0, "another key makes another one");
	ok(strcmp(mac, user_code_mac(arena, &ring, "BCDFGHJL")) != 0, "and so does another code");
}

int
main(void)
{
	arena = arena_new(1024 * 1024);
	test_read();
	test_new();
	test_mac();
	arena_free(arena);
	return tap_end();
}
