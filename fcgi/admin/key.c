/* SPDX-License-Identifier: ISC */
/* postern key create, add, activate, remove, list: a program's keyring (crypto/keyring.h tells the file's form).
 *
 * A keyring is written to a new file beside it, which then takes its name: there is never half of one. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "admin/postern.h"
#include "base/arena.h"
#include "crypto/keyring.h"
#include "crypto/random.h"

/* The file itself where the argument is a link to it: a new file takes its place, not the link's. */
static const char *
path_argument(int argc, char **argv)
{
	const char *path = tool_argument(argc, argv, "the keyring's file");
	char *resolved = realpath(path, NULL);

	if (resolved == NULL)
		return path;
	arena_defer(tool_arena, free, resolved);
	return resolved;
}

static void
read_ring(struct keyring *ring, const char *path)
{
	char error[256];

	if (!keyring_read(ring, path, error, sizeof(error)))
		tool_fail(EX_DATAERR, "%s: %s", path, error);
}

/* An administrator's remarks outlive a change; they all stand at the top. */
static void
copy_comments(const char *path, FILE *to)
{
	FILE *from = fopen(path, "re");
	char line[256];

	while (from != NULL && fgets(line, sizeof(line), from) != NULL) {
		if (*line == '#')
			fputs(line, to);
	}
	if (from != NULL)
		fclose(from);
	explicit_bzero(line, sizeof(line));
}

static void
write_lines(const struct keyring *ring, FILE *f)
{
	const struct key *key;
	size_t i;

	for (key = ring->keys; key < ring->keys + ring->count; key++) {
		fprintf(f, "%s %s ", key->id, key->created);
		for (i = 0; i < KEY_SIZE; i++)
			fprintf(f, "%02x", key->secret[i]);
		fputc('\n', f);
	}
}

/* Without it a crash of the machine could bring the old name back. */
static bool
sync_folder(const char *path)
{
	char *folder = dirname(arena_strdup(tool_arena, path));
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

/* The whole ring in a new file beside the path, durably; its owner is that of the file that it replaces. */
static bool
write_new(const struct keyring *ring, int fd, const char *path)
{
	struct stat st;
	FILE *f;
	bool ok;

	if ((f = fdopen(fd, "w")) == NULL)
		return false;
	setvbuf(f, NULL, _IONBF, 0); /* no second copy of the keys in a buffer */
	copy_comments(path, f);
	write_lines(ring, f);
	ok = !ferror(f) && fsync(fd) == 0;
	if (ok && geteuid() == 0 && stat(path, &st) == 0)
		ok = fchown(fd, st.st_uid, st.st_gid) == 0;
	return fclose(f) == 0 && ok;
}

/* Makes the file (which must not be there: link says so, whoever comes between) or replaces it. */
static void
write_ring(const struct keyring *ring, const char *path, bool create)
{
	char *new = arena_printf(tool_arena, "%s.XXXXXX", path);
	int fd, why;

	if ((fd = mkostemp(new, O_CLOEXEC)) < 0)
		tool_fail(EX_CANTCREAT, "%s: %s", path, strerror(errno));
	if (write_new(ring, fd, path) && (create ? link(new, path) : rename(new, path)) == 0) {
		if (create)
			unlink(new);
		if (!sync_folder(path))
			tool_fail(EX_IOERR, "the folder of %s: %s", path, strerror(errno));
		return;
	}
	why = errno;
	unlink(new);
	if (why == EEXIST)
		tool_fail(EX_CANTCREAT, "%s is there already; \"postern key add\" adds a key", path);
	tool_fail(EX_IOERR, "%s: %s", path, strerror(why));
}

/* An id of eight characters that no key of the ring has. */
static void
new_key(struct keyring *ring)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	struct key *key = &ring->keys[ring->count];
	unsigned char random[8];
	time_t now = time(NULL);
	struct tm tm;
	size_t i;

	if (ring->count == KEYRING_MAX)
		tool_fail(EX_DATAERR, "a keyring holds at most %d keys: remove an old one", KEYRING_MAX);
	do {
		random_bytes(random, sizeof(random));
		for (i = 0; i < sizeof(random); i++)
			key->id[i] = alphabet[random[i] % 32];
		key->id[i] = '\0';
	} while (keyring_find(ring, key->id) != NULL);
	random_bytes(key->secret, KEY_SIZE);
	strftime(key->created, sizeof(key->created), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	ring->count++;
}

/* The place of the key with the id that the next argument names. */
static size_t
key_argument(const struct keyring *ring, int argc, char **argv)
{
	const char *id = tool_argument(argc, argv, "the key's id");
	const struct key *key = keyring_find(ring, id);

	if (key == NULL)
		tool_fail(EX_DATAERR, "there is no key %s", id);
	return (size_t)(key - ring->keys);
}

int
key_create(int argc, char **argv)
{
	struct keyring ring = { .count = 0 };
	const char *path = path_argument(argc, argv);

	tool_no_more(argc, argv);
	new_key(&ring);
	write_ring(&ring, path, true);
	printf("Made %s with key %s.\n", path, ring.keys[0].id);
	return 0;
}

int
key_add(int argc, char **argv)
{
	const char *path = path_argument(argc, argv);
	struct keyring ring;

	tool_no_more(argc, argv);
	read_ring(&ring, path);
	new_key(&ring);
	write_ring(&ring, path, false);
	printf("Added key %s; bring the file to all hosts and restart the program there before you activate it.\n",
	    ring.keys[ring.count - 1].id);
	return 0;
}

int
key_activate(int argc, char **argv)
{
	const char *path = path_argument(argc, argv);
	struct keyring ring;
	struct key key;
	size_t i;

	read_ring(&ring, path);
	i = key_argument(&ring, argc, argv);
	tool_no_more(argc, argv);
	key = ring.keys[i];
	memmove(&ring.keys[1], &ring.keys[0], i * sizeof(ring.keys[0]));
	ring.keys[0] = key;
	write_ring(&ring, path, false);
	printf("Key %s is active when the program is restarted.\n", key.id);
	return 0;
}

int
key_remove(int argc, char **argv)
{
	const char *path = path_argument(argc, argv);
	struct keyring ring;
	const char *id;
	size_t i;

	read_ring(&ring, path);
	i = key_argument(&ring, argc, argv);
	tool_no_more(argc, argv);
	id = arena_strdup(tool_arena, ring.keys[i].id);
	if (i == 0)
		tool_fail(EX_DATAERR, "this key is the active one: activate another first");
	memmove(&ring.keys[i], &ring.keys[i + 1], (ring.count - i - 1) * sizeof(ring.keys[0]));
	ring.count--;
	write_ring(&ring, path, false);
	printf("Removed key %s.\n", id);
	return 0;
}

int
key_list(int argc, char **argv)
{
	const char *path = path_argument(argc, argv);
	struct keyring ring;
	size_t i;

	tool_no_more(argc, argv);
	read_ring(&ring, path);
	printf("%-*s  %-20s  %s\n", KEY_ID_SIZE - 1, "ID", "CREATED", "STATE");
	for (i = 0; i < ring.count; i++)
		printf("%-*s  %-20s  %s\n", KEY_ID_SIZE - 1, ring.keys[i].id, ring.keys[i].created, i == 0 ? "active" : "verifies");
	return 0;
}
