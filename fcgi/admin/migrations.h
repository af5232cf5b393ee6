/* SPDX-License-Identifier: ISC */
/* The migrations: the files, and what the database says was applied. */
#ifndef POSTERN_MIGRATIONS_H
#define POSTERN_MIGRATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/digest.h"

enum { MIGRATIONS_MAX = 512 };

struct migration {
	const char *name;   /* of the file */
	const char *number; /* its digits, without leading zeros */
	const char *text;
	unsigned char sha256[DIGEST_SIZE];
	bool applied;
	bool changed; /* the file is no longer what was applied */
};

struct migrations {
	struct migration files[MIGRATIONS_MAX];
	size_t count, pending;
	const char *unknown;                 /* one that was applied and has no file here: the database is newer; NULL: none */
	const char *account_id, *contact_id; /* the types chosen, NULL before the first migration */
};

/* Reads the folder's files and compares them with the database.  A file that can't be read ends the tool. */
void migrations_read(struct migrations *, const char *folder);

/* A whole file of the folder. */
char *migrations_file(const char *folder, const char *name, size_t *ret_len);

#endif
