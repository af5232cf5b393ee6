/* SPDX-License-Identifier: ISC */
/* postern check: is everything in place?  One line each, and what to do where it isn't. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/database.h"
#include "admin/migrations.h"
#include "admin/postern.h"
#include "admin_sql.h"
#include "base/arena.h"
#include "base/text.h"
#include "crypto/keyring.h"
#include "crypto/password.h"
#include "server/settings.h"

static int failures;

static void
good(const char *what)
{
	printf("ok    %s\n", what);
}

/* The second line says what to do. */
static void
bad(const char *what, const char *todo)
{
	printf("FAIL  %s\n      %s\n", what, todo);
	failures++;
}

/* What may be all right, and may be not. */
static void
doubtful(const char *what, const char *todo)
{
	printf("note  %s\n      %s\n", what, todo);
}

static bool wrong_settings;

static void
check_setting(const char *name, const char *wrong)
{
	bool keyring = strcmp(name, "POSTERN_KEYRING") == 0 || strcmp(name, "POSTERN_DEVICE_KEYRING") == 0;

	if (wrong == NULL || keyring) /* check_keyring reads them whole */
		return;
	bad(arena_printf(tool_arena, "setting: %s", name), wrong);
	wrong_settings = true;
}

/* A name with a slip of the pen is a setting that silently isn't one. */
static void
check_names(void)
{
	const char *name;
	char **p;

	for (p = environ; *p != NULL; p++) {
		name = arena_strndup(tool_arena, *p, strcspn(*p, "="));
		if (strncmp(name, "POSTERN_", 8) == 0 && !settings_known(name)) {
			bad(arena_printf(tool_arena, "setting: %s", name), "there is no such setting: postern(7) has all");
			wrong_settings = true;
		}
	}
}

static void
check_schema(const struct settings *s)
{
	static struct migrations m;
	size_t i;

	migrations_read(&m, s->migrations);
	for (i = 0; i < m.count; i++) {
		if (m.files[i].changed) {
			bad(arena_printf(tool_arena, "schema: %s was changed after it was applied", m.files[i].name),
			    "install the files of the version that is running");
			return;
		}
	}
	if (m.unknown != NULL)
		bad(arena_printf(tool_arena, "schema: migration %s is not among the files", m.unknown),
		    "install the version that applied it");
	else if (m.pending > 0)
		bad(arena_printf(tool_arena, "schema: %zu of %zu migrations are missing", m.pending, m.count),
		    "run \"postern migrate\"");
	else
		good(arena_printf(tool_arena, "schema: %zu migrations, all applied", m.count));
}

static void
check_roles(const struct settings *s)
{
	const PGresult *r = database_run(SQL_CHECK_ROLES, s->roles);
	const char *role;
	int row;

	for (row = 0; row < PQntuples(r); row++) {
		role = database_get(r, row, "role");
		if (!database_is(r, row, "there"))
			bad(arena_printf(tool_arena, "role: %s is missing", role),
			    "run \"postern migrate\", with the right POSTERN_ROLES");
		else if (database_get(r, row, "lacks") != NULL)
			bad(arena_printf(tool_arena, "role: %s may not read %s", role, database_get(r, row, "lacks")),
			    "run \"postern migrate\"");
		else
			good(arena_printf(tool_arena, "role: %s", role));
	}
}

static void
check_directory(void)
{
	const PGresult *r = database_execute(SQL_CHECK_DIRECTORY, NULL, 0);
	const char *missing = database_get(r, 0, "missing"), *mistyped = database_get(r, 0, "mistyped");

	if (missing != NULL)
		bad(arena_printf(tool_arena, "directory: %s missing", missing),
		    "make the views directory.account and directory.contact whole");
	if (mistyped != NULL)
		bad(arena_printf(tool_arena, "directory: %s", mistyped),
		    "make the views anew; \"postern migrate\" chose the types of ids once");
	if (missing == NULL && mistyped == NULL)
		good(arena_printf(tool_arena, "directory: both views have their columns%s",
		    database_is(r, 0, "shipped") ? ", over the shipped tables" : ""));
}

/* What never verifies is told here, and not by the person who can't sign in. */
static void
check_passwords(void)
{
	const char *why, *most[] = { "100000" };
	const PGresult *r = database_ask(SQL_CHECK_PASSWORDS, most, 1, &why);
	int64_t accounts = 0, all = 0, never = 0;
	int row;

	if (r == NULL) {
		bad("passwords: can't be counted", why);
		return;
	}
	for (row = 0; row < PQntuples(r); row++) {
		text_number(database_get(r, row, "accounts"), 0, INT64_MAX, &accounts);
		all += accounts;
		never += password_accepted(database_get(r, row, "setting")) ? 0 : accounts;
	}
	if (never > 0)
		doubtful(arena_printf(tool_arena, "passwords: %" PRId64 " of %" PRId64 " never verify", never, all),
		    "doc/passwords.md says what does, and up to which cost; these people need a new password");
	else
		good(arena_printf(tool_arena, "passwords: all %" PRId64 " are of schemes that are verified", all));
}

/* Behind a balancer that nginx's realip does not know, everybody has its address, and shares one limit. */
static void
check_addresses(void)
{
	const PGresult *r = database_execute(SQL_CHECK_ADDRESSES, NULL, 0);
	const char *only = database_get(r, 0, "only_address");

	if (only != NULL)
		doubtful(arena_printf(tool_arena, "addresses: the last %s people who signed in all came from %s",
		             database_get(r, 0, "logins"), only),
		    "if a balancer is there, name it to nginx's realip (set_real_ip_from, real_ip_header); "
		    "X-Forwarded-For is not read");
	else
		good("addresses: people sign in from more than one, or are too few to tell");
}

static void
check_maintenance(void)
{
	const char *why, *when;
	const PGresult *r = database_ask(SQL_CHECK_MAINTENANCE, NULL, 0, &why);

	if (r == NULL) {
		bad("maintenance: can't be seen", why);
		return;
	}
	when = database_get(r, 0, "whole_at");
	when = when == NULL ? "none yet" : arena_printf(tool_arena, "the last whole run was at %s UTC", when);
	if (database_is(r, 0, "late"))
		bad(arena_printf(tool_arena, "maintenance: %s", when),
		    "enable postern-maintain.timer, or let \"postern maintain\" run every hour; its messages say what stopped it");
	else
		good(arena_printf(tool_arena, "maintenance: %s", when));
}

static void
check_database(const struct settings *s)
{
	const char *why;
	const PGresult *begun;

	if (database_try(&why) == NULL) {
		bad(arena_printf(tool_arena, "database: %s", why),
		    "start PostgreSQL, or set PGHOST, PGPORT, PGDATABASE and PGUSER right");
		return;
	}
	good(arena_printf(tool_arena, "database: %s as %s", PQdb(database_open()), PQuser(database_open())));
	if ((begun = database_ask(SQL_MIGRATE_BEGUN, NULL, 0, &why)) != NULL && !database_is(begun, 0, "begun")) {
		bad("schema: there is none", "run \"postern migrate\" as the database's owner");
		return;
	}
	if (begun == NULL || database_ask(SQL_MIGRATE_STATE, NULL, 0, &why) == NULL) {
		bad("schema: can't be read", why);
		return;
	}
	if (s->migrations != NULL)
		check_schema(s);
	if (s->roles != NULL)
		check_roles(s);
	check_directory();
	check_passwords();
	check_maintenance();
	check_addresses();
}

static void
check_pages(const struct settings *s)
{
	static const char *const files[] = {
#define PAGE(name, file) file ".html",
#include "html/pages.def"
#undef PAGE
		"begin.html", "style.css",
	};
	const char *path;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		path = arena_printf(tool_arena, "%s/%s", s->pages, files[i]);
		if (access(path, R_OK) != 0) {
			bad(arena_printf(tool_arena, "pages: %s: %s", path, strerror(errno)), "copy it from the installed pages");
			return;
		}
	}
	good(arena_printf(tool_arena, "pages: %s", s->pages));
}

static void
check_socket(const struct settings *s, const char *program)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = arena_printf(tool_arena, "%s/%s.sock", s->run, program);
	int fd, why;

	if (strlen(path) >= sizeof(address.sun_path)) {
		bad(arena_printf(tool_arena, "socket: %s is too long", path), "choose a shorter folder in POSTERN_RUN");
		return;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	why = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN ?
	    0 :
	    errno; /* EAGAIN: a full backlog */
	close(fd);
	if (why == 0)
		good(arena_printf(tool_arena, "socket: %s", path));
	else
		bad(arena_printf(tool_arena, "socket: %s: %s", path, strerror(why)),
		    why == EACCES ?
		        "only nginx's group may open it: run this with that group (runuser -G)" :
		        arena_printf(tool_arena, "start postern-%s (systemctl start postern-%s.socket)", program, program));
}

static void
check_keyring(const char *setting)
{
	const char *path = getenv(setting);
	struct keyring ring;
	char error[256];

	if (path == NULL || *path == '\0')
		return;
	if (!keyring_read(&ring, path, error, sizeof(error)))
		bad(arena_printf(tool_arena, "keyring: %s", path), error);
	else
		good(arena_printf(tool_arena, "keyring: %s, %zu keys", path, ring.count));
	explicit_bzero(&ring, sizeof(ring));
}

int
check(int argc, char **argv)
{
	const struct settings *s;

	if (argc > 1)
		tool_usage("%s: no argument is expected", argv[1]);
	s = settings_judge(FOR_CHECK, check_setting);
	check_names();
	if (!wrong_settings)
		good("settings");
	if (s->pages != NULL)
		check_pages(s);
	check_keyring("POSTERN_KEYRING");
	check_keyring("POSTERN_DEVICE_KEYRING");
	if (s->run != NULL) {
		check_socket(s, "authorize");
		check_socket(s, "token");
		check_socket(s, "contacts");
	}
	check_database(s);
	return wrong_settings ? EX_CONFIG : failures > 0;
}
