/* SPDX-License-Identifier: ISC */
/* postern: the administrator's tool.  A table of subcommands; each has its own file. */
#include "config.h"

#include "admin/postern.h"

#include <getopt.h>
#include <json-c/json.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/client.h"
#include "admin/progress.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "server/settings.h"

enum { TOOL_MEMORY = 64 * 1024 * 1024 };

#define SCOPE_OPTIONS \
	"  --sentence [LANGUAGE=]TEXT  what the application will be able to do, as the consent page says it; may be given\n" \
	"                    again for another language, as in de=\"Ihre Kontakte lesen\"; without LANGUAGE= it is en\n" \
	"  --machine         it means no person's data: a machine's own token can have it\n" \
	"  --person          it means a person's data (scope add without --machine)\n"

#define IMPORT_OPTIONS \
	"  --all-or-nothing  one bad line, and nothing is imported; else it is left out\n" \
	"  --check           change nothing: tell what would become of the lines\n" \
	"  --json            for machines\n"

static const struct command commands[] = {
	{ "migrate", "[--account-id TYPE] [--contact-id TYPE] [--check]", "Brings the database's schema up to date.",
	    "  --account-id TYPE  of an account's id: integer (without it), bigint, uuid or text; chosen once\n"
	    "  --contact-id TYPE  of a contact's id, likewise\n"
	    "  --check            change nothing; exit status 1 if there is something to do\n",
	    migrate },
	{ "client add", "--name NAME --redirect-uri URI [OPTION...]", "Registers a client and shows its secret, once.",
	    "  --id ID                  client_id; without it a random one\n"
	    "  --type TYPE              confidential (without it), public or native\n" CLIENT_OPTIONS,
	    client_add },
	{ "client change", "ID OPTION...", "Changes what a client is registered as.",
	    CLIENT_OPTIONS
	    "  --add-redirect-uri URI   one more\n"
	    "  --remove-redirect-uri URI  one less\n",
	    client_change },
	{ "client list", "[--json]", "Lists the clients.", "  --json  for machines\n", client_list },
	{ "client show", "ID [--json]", "Shows all about a client, but no secret.", "  --json  for machines\n", client_show },
	{ "client rotate-secret", "ID [--keep TIME]", "Makes a second secret and shows it, once; the old one ends later.",
	    "  --keep TIME  so long the old one is still good, as in 12h or 7d (without it 7d); 0: it ends at once\n",
	    client_rotate_secret },
	{ "client remove-secret", "ID [--newest]", "Ends the older of a client's two secrets.",
	    "  --newest  the newer one instead; the older one then has no end\n", client_remove_secret },
	{ "client disable", "ID", "Disables a client; its tokens are refused at once.", "", client_disable },
	{ "client enable", "ID", "Enables it again, and its tokens.", "", client_enable },
	{ "client remove", "ID", "Removes a client; its tokens end at once.", "", client_remove },
	{ "client sheet", "ID", "Prints the sheet to hand over to a partner.", "", client_sheet },
	{ "scope add", "SCOPE --sentence [LANGUAGE=]TEXT... [--machine]", "Adds a scope that clients can be registered for.",
	    SCOPE_OPTIONS, scope_add },
	{ "scope change", "SCOPE [--sentence [LANGUAGE=]TEXT]... [--machine | --person]",
	    "Changes what is said of a scope, or for whom it is.", SCOPE_OPTIONS, scope_change },
	{ "scope list", "[--json]", "Lists the scopes, and the sentences that are missing.", "  --json  for machines\n", scope_list },
	{ "scope remove", "SCOPE", "Removes a scope that no client is registered for.", "", scope_remove },
	{ "resource add", "NAME URI", "Adds a resource of your own, which clients can be given tokens for.",
	    "NAME is short, for this tool and for nginx; URI is what clients know it by (RFC 8707).\n", resource_add },
	{ "resource list", "[--json]", "Lists the resources.", "  --json  for machines\n", resource_list },
	{ "resource remove", "NAME", "Removes a resource that no client is registered for.", "", resource_remove },
	{ "user add", "NAME [--name DISPLAY-NAME] [--email ADDRESS]", "Adds a person to the shipped directory.",
	    "  --name DISPLAY-NAME\n"
	    "  --email ADDRESS\n"
	    "The password is read from the terminal, or is the first line of standard input.\n",
	    user_add },
	{ "user passwd", "NAME", "Changes a password; the person's sessions and tokens end at once.",
	    "The password is read from the terminal, or is the first line of standard input.\n", user_passwd },
	{ "sample", "[--redirect-uri URI] [--people N [--contacts M]]", "Loads the sample people and the sample client.",
	    "  --redirect-uri URI  of the sample client\n"
	    "  --people N          so many people in all, instead of four\n"
	    "  --contacts M        so many contacts of theirs\n", sample },
	{ "import people", "[--format FORMAT] [--all-or-nothing] [--check] [--json] FILE|-",
	    "Brings people into the shipped directory; again with the same file changes nothing.",
	    "  --format FORMAT   csv or jsonl (an object on each line); without it by the file's name\n" IMPORT_OPTIONS
	    "Columns: id, username, password_hash, name, email, active.  Without id the user name says who it is.\n",
	    import_people },
	{ "import contacts", "[--format FORMAT] [--owner NAME-OR-ID] [--all-or-nothing] [--check] [--json] FILE|-",
	    "Brings contacts into the shipped directory; again with the same file changes nothing.",
	    "  --format FORMAT   csv, jsonl (an object on each line) or vcard; without it by the file's name\n"
	    "  --owner NAME-OR-ID  whose contacts they all are: a person's user name or id\n" IMPORT_OPTIONS
	    "Columns: owner_id or owner (a user name), id, username, name, email, phone.\n",
	    import_contacts },
	{ "export people", "[--format FORMAT]", "Writes the people of the shipped directory, without their passwords.",
	    "  --format FORMAT   csv (without it) or jsonl\n", export_people },
	{ "export contacts", "[--format FORMAT] [--owner NAME-OR-ID]", "Writes the contacts of the shipped directory.",
	    "  --format FORMAT   csv (without it), jsonl or vcard\n"
	    "  --owner NAME-OR-ID  of that person only\n", export_contacts },
	{ "key create", "FILE", "Makes a keyring with one key.", "", key_create },
	{ "key add", "FILE", "Adds a key that verifies but does not sign yet.", "", key_add },
	{ "key activate", "FILE ID", "Makes a key the one that signs.", "", key_activate },
	{ "key remove", "FILE ID", "Removes a key: what it signed is refused.", "", key_remove },
	{ "key list", "FILE", "Lists the keys: id, time, which one is active.", "", key_list },
	{ "maintain", "[--json]", "Deletes what has ended; to be run every hour.", "  --json  for machines\n", maintain },
	{ "why", "REQUEST-ID [--log FILE]... [--seconds N] [--json]", "Tells why a request was refused.",
	    "  --log FILE   reads this log instead of the journal, ours or nginx's; may be given again; - is standard input\n"
	    "  --seconds N  how long the journal may take; without it 60\n"
	    "  --json       for machines\n"
	    "The id is on the error page, in the answer's X-Request-Id, and in nginx's logs.\n",
	    why },
	{ "check", "[--json]", "Checks settings, database, schema, rights, directory, pages and sockets.", "  --json  for machines\n",
	    check },
};

struct arena *tool_arena;

static const struct command *current;

/* All commands, or those that begin with one word; false if there is none. */
static bool
help_list(const char *word)
{
	size_t i, n = word == NULL ? 0 : strlen(word);
	bool any = false;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (word != NULL && (strncmp(commands[i].name, word, n) != 0 || commands[i].name[n] != ' '))
			continue;
		any = printf("  %-20s %s\n", commands[i].name, commands[i].summary) > 0;
	}
	return any;
}

static void
help(void)
{
	printf("Usage: postern COMMAND [ARGUMENT...]\n\n");
	help_list(NULL);
	printf("\n\"postern COMMAND --help\" tells more of one; postern(1) tells all.\n\n"
	       "Settings are environment variables (and PostgreSQL's own, PGHOST and the like):\n\n");
	settings_help(FOR_TOOL);
}

void
tool_fail(int status, const char *fmt, ...)
{
	va_list ap;

	progress_clear();
	fprintf(stderr, "postern%s%s: ", current == NULL ? "" : " ", current == NULL ? "" : current->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

void
tool_usage(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "postern%s%s: ", current == NULL ? "" : " ", current == NULL ? "" : current->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry \"postern %s%s--help\".\n", current == NULL ? "" : current->name, current == NULL ? "" : " ");
	exit(EX_USAGE);
}

const char *
tool_operator(void)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *sudo = getenv("SUDO_USER");

	if (sudo != NULL && getuid() == 0)
		return arena_printf(tool_arena, "by %s", sudo);
	return pw == NULL ? arena_printf(tool_arena, "by uid %u", getuid()) : arena_printf(tool_arena, "by %s", pw->pw_name);
}

const char *
tool_argument(int argc, char **argv, const char *what)
{
	if (optind < argc && strcmp(argv[optind], "--") == 0)
		optind++;
	else if (optind < argc && strncmp(argv[optind], "--", 2) == 0)
		tool_usage("there is no option %s", argv[optind]);
	if (optind >= argc)
		tool_usage("%s is missing", what);
	return argv[optind++];
}

const char *
tool_last_argument(int argc, char **argv, const char *what)
{
	const char *value = tool_argument(argc, argv, what);

	tool_no_more(argc, argv);
	return value;
}

void
tool_no_more(int argc, char **argv)
{
	if (optind < argc)
		tool_usage("%s: an argument too many", argv[optind]);
}

bool
tool_readable(const char *text, size_t max)
{
	size_t len = strlen(text);

	return len > 0 && len <= max && *text != ' ' && text[len - 1] != ' ' && text_printable(text);
}

bool
tool_json_wanted(int argc, char **argv)
{
	static const struct option known[] = { { "json", no_argument, NULL, 'j' }, { 0 } };
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option != 'j')
			tool_usage("an option is wrong");
		json = true;
	}
	return json;
}

void
tool_print_json(struct json_object *json)
{
	printf("%s\n", json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

/* Finds the command of one or two words; *ret_words says how many. */
static const struct command *
find(int argc, char **argv, int *ret_words)
{
	const char *two = argc > 2 ? arena_printf(tool_arena, "%s %s", argv[1], argv[2]) : argv[1];
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		*ret_words = strchr(commands[i].name, ' ') == NULL ? 1 : 2;
		if (strcmp(commands[i].name, *ret_words == 1 ? argv[1] : two) == 0)
			return &commands[i];
	}
	tool_usage("there is no command \"%s\"", two);
}

static bool
help_wanted(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return true;
	}
	return false;
}

int
main(int argc, char **argv)
{
	int words, status;

	log_program("postern");
	tool_arena = arena_new(TOOL_MEMORY);
	if (argc < 2)
		tool_usage("a command is missing");
	if (strcmp(argv[1], "--help") == 0) {
		help();
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("postern %s\n", PACKAGE_VERSION);
		return 0;
	}
	if (argc == 3 && strcmp(argv[2], "--help") == 0 && help_list(argv[1]))
		return 0;
	current = find(argc, argv, &words);
	if (help_wanted(argc, argv)) {
		printf("Usage: postern %s %s\n\n%s\n\n%s", current->name, current->arguments, current->summary, current->help);
		return 0;
	}
	status = current->run(argc - words, argv + words);
	arena_free(tool_arena);
	if (fflush(stdout) != 0)
		tool_fail(EX_IOERR, "standard output could not be written");
	return status;
}
