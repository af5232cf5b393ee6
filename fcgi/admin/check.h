/* SPDX-License-Identifier: ISC */
/* postern check: its subjects, a file each, and how they tell what they found. */
#ifndef POSTERN_CHECK_H
#define POSTERN_CHECK_H

#include <stdbool.h>

struct settings;

/* An active account, one with contacts if there is one; id is NULL where there is none. */
struct sample {
	const char *id, *username, *credential;
	const char *contact; /* the id of one, NULL: none */
};

/* One finding: what is so, of which subject.  todo says what to do about it; a note may be all right, and may be not. */
void check_ok(const char *subject, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void check_note(const char *subject, const char *todo, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void check_fail(const char *subject, const char *todo, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Judges the environment; false where a setting is wrong (the others are usable all the same). */
bool check_settings(const struct settings **ret);
void check_files(const struct settings *);
void check_sockets(const struct settings *);

/* The schema can be read: the subjects below may be asked for. */
bool check_database(const struct settings *);
void check_roles(const struct settings *);
void check_running(void);

/* The directory's views as the catalog shows them; false where they are not what the statements need. */
bool check_directory(void);
void check_changes(void);
/* This user has the rights of the schema's owner, without which the rest can't be tried; a note says so where it has not. */
bool check_owner(void);
/* False where the directory does not answer: no use in asking on. */
bool check_sample(struct sample *);
void check_words(void);
void check_plans(const struct settings *);
void check_times(const struct settings *, const struct sample *);
/* So many accounts are looked at, at most. */
void check_people(const char *most);
void check_passwords(const char *most);
/* What can be told of them without seeing any: of a hundred thousand accounts, how many never verify. */
void check_password_counts(void);

#endif
