/* SPDX-License-Identifier: ISC */
/* Keyring files: which are read, what is said of the others, and what is made of the keys. */
#include "config.h"

#include "crypto/keyring.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define KEY_A "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
#define KEY_B "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TIME "2026-11-24T15:00:00Z"
#define GOOD "new " TIME " " KEY_A "\n# a comment\n\nold 2025-01-02T03:04:05Z " KEY_B "\n"

static char path[] = "/tmp/keyring-XXXXXX";
static struct keyring ring;
static char error[256];

static bool
read_text(const char *text, mode_t mode)
{
	FILE *f = (chmod(path, 0600), fopen(path, "w"));

	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0 || chmod(path, mode) != 0) {
		perror(path);
		exit(1);
	}
	*error = '\0';
	return keyring_read(&ring, path, error, sizeof(error));
}

static void
good(void)
{
	ok(read_text(GOOD, 0600), "two keys, a comment and an empty line are read");
	ok(ring.count == 2, "both are there");
	ok(strcmp(keyring_active(&ring)->id, "new") == 0, "the first one is active");
	ok(strcmp(keyring_active(&ring)->created, TIME) == 0, "it knows when it was made");
	ok(keyring_find(&ring, "old") != NULL && keyring_find(&ring, "old")->secret[1] == 0x11,
	    "the second one is found by its id");
	ok(keyring_find(&ring, "ol") == NULL && keyring_find(&ring, "older") == NULL && keyring_find(&ring, "") == NULL,
	    "another id is not");
	ok(read_text("k " TIME " " KEY_A, 0400), "a file without a newline at its end, which can't be written, is read");
}

static void
refused(void)
{
	static const struct {
		const char *what, *text;
		mode_t mode;
		const char *said;
	} files[] = {
		{ "a file that the group may read", GOOD, 0640, "chmod 600" },
		{ "a file that others may read", GOOD, 0604, "chmod 600" },
		{ "a file that others may write", GOOD, 0602, "chmod 600" },
		{ "an empty file", "", 0600, "no key" },
		{ "comments only", "# nothing\n", 0600, "no key" },
		{ "one word", "k\n", 0600, "line 1" },
		{ "two words", "k " TIME "\n", 0600, "line 1" },
		{ "a word too many", "k " TIME " " KEY_A " x\n", 0600, "line 1" },
		{ "a carriage return", "k " TIME " " KEY_A "\r\n", 0600, "line 1" },
		{ "an id with a capital", "K " TIME " " KEY_A "\n", 0600, "line 1" },
		{ "an id with a dot", "k.1 " TIME " " KEY_A "\n", 0600, "line 1" },
		{ "an id of 17 characters", "abcdefghijklmnopq " TIME " " KEY_A "\n", 0600, "line 1" },
		{ "no id", " " TIME " " KEY_A "\n", 0600, "line 1" },
		{ "a date without time", "k 2026-11-24 " KEY_A "\n", 0600, "line 1" },
		{ "a key that is too short", "k " TIME " a1b2\n", 0600, "line 1: a key" },
		{ "a key that is too long", "k " TIME " " KEY_A "00\n", 0600, "line 1: a key" },
		{ "a key with another letter", "k " TIME " g1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90\n",
		    0600, "line 1: a key" },
		{ "an id that comes twice", "k " TIME " " KEY_A "\n\nk " TIME " " KEY_B "\n", 0600, "line 3: an id" },
		{ "a bad line after good ones", GOOD "x\n", 0600, "line 5" },
	};
	char text[2048] = "";
	size_t i, len = 0;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		ok(!read_text(files[i].text, files[i].mode) && strstr(error, files[i].said) != NULL, "refused: %s (%s)",
		    files[i].what, error);
		ok(ring.count == 0 && strstr(error, "a1b2") == NULL, "and nothing of it is left or said");
	}
	for (i = 0; i <= KEYRING_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "k%zu " TIME " " KEY_A "\n", i);
	ok(!read_text(text, 0600) && strstr(error, "line 17") != NULL, "refused: 17 keys");
	memset(text, '#', 600);
	text[600] = '\n';
	text[601] = '\0';
	ok(!read_text(text, 0600) && strstr(error, "line 1: too long") != NULL, "refused: a line of 600 characters");
	unlink(path);
	ok(!keyring_read(&ring, path, error, sizeof(error)) && strstr(error, "postern key create") != NULL,
	    "no file: it says how to make one");
}

static void
derived(void)
{
	unsigned char one[KEY_SIZE], same[KEY_SIZE], other[KEY_SIZE];
	const struct key *key;

	read_text(GOOD, 0600);
	key = keyring_active(&ring);
	key_derive(one, key, "form");
	key_derive(same, key, "form");
	key_derive(other, key, "cursor");
	ok(memcmp(one, same, KEY_SIZE) == 0, "a purpose has one key");
	ok(memcmp(one, other, KEY_SIZE) != 0, "another purpose has another");
	ok(memcmp(one, key->secret, KEY_SIZE) != 0, "neither is the key itself");
	key_derive(other, keyring_find(&ring, "old"), "form");
	ok(memcmp(one, other, KEY_SIZE) != 0, "another key makes another");
}

static void
tagged(void)
{
	char tag[TAG_SIZE], old[TAG_SIZE];

	read_text("old 2025-01-02T03:04:05Z " KEY_B "\n", 0600);
	keyring_tag(old, &ring, "form", "message", 7);
	read_text(GOOD, 0600);
	keyring_tag(tag, &ring, "form", "message", 7);
	ok(strncmp(tag, "new.", 4) == 0 && strlen(tag) == 4 + 43, "a tag names the active key");
	ok(keyring_tagged(tag, &ring, "form", "message", 7), "it is verified");
	ok(keyring_tagged(old, &ring, "form", "message", 7), "one of a passive key too");
	ok(!keyring_tagged(tag, &ring, "form", "messagE", 7), "not for another message");
	ok(!keyring_tagged(tag, &ring, "form", "message", 6), "not for a shorter one");
	ok(!keyring_tagged(tag, &ring, "cursor", "message", 7), "not for another purpose");
	tag[sizeof("new.") - 1] ^= 1;
	ok(!keyring_tagged(tag, &ring, "form", "message", 7), "not with another first character");
	ok(!keyring_tagged("new.", &ring, "form", "message", 7), "not with the id alone");
	ok(!keyring_tagged("new", &ring, "form", "message", 7), "not without a dot");
	ok(!keyring_tagged("", &ring, "form", "message", 7), "an empty tag is wrong");
	ok(!keyring_tagged("abcdefghijklmnopqrstuvwxyz.x", &ring, "form", "message", 7), "so is one with a long id");
	read_text("new " TIME " " KEY_B "\n", 0600);
	ok(!keyring_tagged(old, &ring, "form", "message", 7), "a tag of a key that has gone is wrong");
}

int
main(void)
{
	int fd;

	if ((fd = mkstemp(path)) < 0) {
		perror(path);
		return 1;
	}
	close(fd);
	good();
	refused();
	derived();
	tagged();
	unlink(path);
	return tap_end();
}
