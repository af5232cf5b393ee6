/* SPDX-License-Identifier: ISC */
/* The subcommands of the administrator's tool, a file each, and what they share. */
#ifndef POSTERN_TOOL_H
#define POSTERN_TOOL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct json_object;

/* All memory of a run. */
extern struct arena *tool_arena;

struct command {
	const char *name;                  /* one or two words */
	const char *arguments;             /* for --help */
	const char *summary;               /* a sentence for --help */
	const char *help;                  /* its options, a line each */
	int (*run)(int argc, char **argv); /* argv[0] is the name; returns the exit status */
};

int migrate(int, char **);
int client_add(int, char **);
int client_change(int, char **);
int client_show(int, char **);
int client_list(int, char **);
int client_rotate_secret(int, char **);
int client_remove_secret(int, char **);
int client_enable(int, char **);
int client_disable(int, char **);
int client_remove(int, char **);
int client_sheet(int, char **);
int scope_add(int, char **);
int scope_change(int, char **);
int scope_list(int, char **);
int resource_add(int, char **);
int resource_list(int, char **);
int resource_remove(int, char **);
int scope_remove(int, char **);
int user_add(int, char **);
int user_passwd(int, char **);
int sample(int, char **);
int import_people(int, char **);
int import_contacts(int, char **);
int export_people(int, char **);
int export_contacts(int, char **);
int key_create(int, char **);
int key_add(int, char **);
int key_activate(int, char **);
int key_remove(int, char **);
int key_list(int, char **);
int maintain(int, char **);
int check(int, char **);
int why(int, char **);

/* Ends the tool: a wrong call (EX_USAGE), or a message with a status of sysexits.h. */
void tool_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
void tool_fail(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));

/* Who runs the tool, for the audit: "by NAME". */
const char *tool_operator(void);

/* The next argument that is left after the options (getopt's optind).  Something that looks like an option is none. */
const char *tool_argument(int argc, char **argv, const char *what);

/* The same, and none is left after it; or none is left at all. */
const char *tool_last_argument(int argc, char **argv, const char *what);
void tool_no_more(int argc, char **argv);

/* For the commands whose only option is --json: it was given.  Then tool_argument or tool_no_more reads on. */
bool tool_json_wanted(int argc, char **argv);

/* Prints it for machines, and gives it back. */
void tool_print_json(struct json_object *);

/* Ends the tool where the accounts come from another table than the shipped one. */
void user_need_shipped(void);

/* A name that people read: 1 to so many bytes, text_printable, no space at an end. */
bool tool_readable(const char *text, size_t max);

#endif
