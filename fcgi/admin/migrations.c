/* SPDX-License-Identifier: ISC */
/* The migrations: the files, and what the database says was applied. */
#include "config.h"

#include "admin/migrations.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/database.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"

enum { FILE_MAX = 1024 * 1024 };

char *
migrations_file(const char *folder, const char *name, size_t *ret_len)
{
	char *path = arena_printf(tool_arena, "%s/%s", folder, name), *text = arena_alloc(tool_arena, FILE_MAX + 1);
	FILE *f;

	if ((f = fopen(path, "re")) == NULL)
		tool_fail(EX_NOINPUT, "%s: %s", path, strerror(errno));
	*ret_len = fread(text, 1, FILE_MAX + 1, f);
	if (ferror(f) || *ret_len > FILE_MAX)
		tool_fail(EX_NOINPUT, "%s can't be read whole", path);
	fclose(f);
	return arena_strndup(tool_arena, text, *ret_len);
}

static int
is_migration(const struct dirent *entry)
{
	return fnmatch("[0-9][0-9][0-9][0-9]_*.sql", entry->d_name, 0) == 0;
}

static void
read_files(struct migrations *m, const char *folder)
{
	struct dirent **entries;
	struct migration *file;
	size_t len;
	int n, i;

	if ((n = scandir(folder, &entries, is_migration, alphasort)) < 0)
		tool_fail(EX_NOINPUT, "%s: %s", folder, strerror(errno));
	if (n == 0 || n > MIGRATIONS_MAX)
		tool_fail(EX_NOINPUT, "%s holds no migrations, or too many", folder);
	for (i = 0; i < n; i++) {
		file = &m->files[m->count++];
		file->name = arena_strdup(tool_arena, entries[i]->d_name);
		file->number = arena_strndup(tool_arena, file->name, 4);
		file->number += strspn(file->number, "0");
		if (m->count > 1 && strcmp(file[-1].number, file->number) == 0)
			tool_fail(EX_DATAERR, "%s and %s have the same number", file[-1].name, file->name);
		file->text = migrations_file(folder, file->name, &len);
		digest_sha256(file->sha256, file->text, len);
		free(entries[i]);
	}
	free(entries);
}

static bool
same_digest(const unsigned char digest[DIGEST_SIZE], const char *hex)
{
	char mine[2 * DIGEST_SIZE + 1];
	size_t i;

	for (i = 0; i < DIGEST_SIZE; i++)
		snprintf(mine + 2 * i, 3, "%02x", digest[i]);
	return strcmp(mine, hex) == 0;
}

static void
compare(struct migrations *m, const PGresult *state)
{
	struct migration *file;
	const char *number;
	bool known;
	int row;

	for (row = 0; row < PQntuples(state); row++) {
		m->account_id = database_get(state, row, "account_id_type");
		m->contact_id = database_get(state, row, "contact_id_type");
		if ((number = database_get(state, row, "number")) == NULL)
			continue;
		known = false;
		for (file = m->files; file < m->files + m->count; file++) {
			if (strcmp(file->number, number) != 0)
				continue;
			known = file->applied = true;
			file->changed = !same_digest(file->sha256, database_get(state, row, "sha256"));
		}
		if (!known)
			m->unknown = database_get(state, row, "name");
	}
}

void
migrations_read(struct migrations *m, const char *folder)
{
	const struct migration *file;

	memset(m, 0, sizeof(*m));
	read_files(m, folder);
	if (database_is(database_execute(SQL_MIGRATE_BEGUN, NULL, 0), 0, "begun"))
		compare(m, database_execute(SQL_MIGRATE_STATE, NULL, 0));
	for (file = m->files; file < m->files + m->count; file++)
		m->pending += !file->applied;
}
