/* SPDX-License-Identifier: ISC */
/* The settings of all programs: environment variables, checked once at start (postern(7) lists them). */
#ifndef POSTERN_SETTINGS_H
#define POSTERN_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/* One line a setting in settings.def; a program reads those that it names by its bit. */
enum settings_program {
	FOR_AUTHORIZE = 1,
	FOR_TOKEN = 2,
	FOR_CONTACTS = 4,
	FOR_SERVERS = 7,
	FOR_MIGRATE = 8,        /* what single subcommands of the tool need */
	FOR_SHEET = 16,
	FOR_CHECK = 32,
	FOR_MAINTAIN = 64,
	FOR_TOOL = 120
};

struct settings {
	const char *issuer;           /* https://HOST[:PORT], no trailing slash (RFC 8414 2) */
	const char *issuer_origin;    /* its scheme, host and port as a browser's Origin header spells them: :443 left out */
	const char *contacts_url;     /* the contacts resource's own URL (RFC 9728) */
	const char *keyring;          /* path of this program's keyring file, or NULL */
	const char *device_keyring;   /* path of the keyring for user codes, or NULL */
	const char *pages;            /* folder of the page templates */
	const char *migrations;       /* folder of the migrations */
	const char *roles;            /* prefix of the database roles: NAME-authorize, NAME-token, NAME-contacts, NAME-admin, NAME-maintain */
	const char *run;              /* folder of the three sockets */
	int64_t workers;              /* 0: two a core; for authorize half the cores, at least one */
	int64_t code_seconds;         /* life of an authorization code */
	int64_t pushed_seconds;       /* life of a pushed authorization request */
	int64_t access_seconds;       /* life of an access token */
	int64_t client_failure_limit; /* failed client authentications from one address in a minute */
	int64_t contacts_per_minute;  /* requests of a client to the contacts API; 0: no limit */
	int64_t refresh_grace_seconds; /* a rotated refresh token still gives its successor for so long */
	int64_t session_idle_seconds;
	int64_t session_seconds;
	int64_t login_account_limit;  /* password attempts on one account in 15 minutes */
	int64_t login_address_limit;  /* and from one address */
	int64_t audit_months;      /* so many whole months before this one are kept of the audit */
	int64_t sync_days;         /* so long a change among the contacts is kept */
};

/* Reads and checks what the program needs.  Every mistake is one line on stderr with what is allowed; if there was one the
 * process ends with EX_CONFIG.  The result lives as long as the process. */
const struct settings *settings_read(enum settings_program);

/* For who reports instead of ending: judges each setting that the program reads and each other one that is set.  wrong is NULL, or
 * what is allowed.  The fields of wrong ones, and issuer_origin, are not set. */
const struct settings *settings_judge(enum settings_program, void (*each)(const char *name, const char *wrong));

/* There is a setting of that name. */
bool settings_known(const char *name);

/* Prints name, default and meaning of each setting of the program to stdout: the end of --help. */
void settings_help(enum settings_program);

#endif
