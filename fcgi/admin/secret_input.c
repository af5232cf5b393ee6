/* SPDX-License-Identifier: ISC */
/* Reading a password: never from the command line, which other users can see. */
#include "config.h"

#include "admin/secret_input.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "admin/postern.h"
#include "base/arena.h"
#include "base/text.h"
#include "crypto/password.h"

static struct termios before;
static volatile sig_atomic_t silent;

/* A terminal without echo would be left to the shell when the tool ends in between. */
static void
restore_terminal(void)
{
	if (silent)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	silent = 0;
}

static void
restore_and_die(int signal)
{
	restore_terminal();
	raise(signal); /* SA_RESETHAND: this one ends us */
}

static void
silence_terminal(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = restore_and_die, .sa_flags = (int)SA_RESETHAND };
	struct termios quiet = before;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	atexit(restore_terminal);
	silent = 1;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
}

/* What nobody can type into the login page is no password: control characters, and a carriage return before the newline. */
static bool
is_password(const char *line, size_t len)
{
	const char *p;

	for (p = line; p < line + len; p++) {
		if ((*p >= '\0' && *p < ' ') || *p == 0x7f)
			return false;
	}
	return len > 0 && len <= PASSWORD_MAX && text_utf8(line, len);
}

static const char *
read_line(void)
{
	char line[PASSWORD_MAX + 3] = "";
	const char *copy;
	size_t len = 0;
	int c;

	setvbuf(stdin, NULL, _IONBF, 0); /* no second copy of it in a buffer */
	while ((c = getchar()) != EOF && c != '\n' && len < sizeof(line) - 1)
		line[len++] = (char)c;
	if (silent) /* the newline that was typed and not shown */
		fputc('\n', stderr);
	if (c == EOF && len == 0)
		tool_fail(EX_NOINPUT, "no password came");
	if (!is_password(line, len))
		tool_fail(EX_DATAERR, "a password has 1 to %d bytes of UTF-8 and no control character", PASSWORD_MAX);
	copy = arena_strdup(tool_arena, line);
	explicit_bzero(line, sizeof(line));
	return copy;
}

static const char *
ask(const char *prompt)
{
	fprintf(stderr, "%s: ", prompt);
	return read_line();
}

const char *
secret_input_new(void)
{
	const char *first, *second;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return read_line();
	silence_terminal();
	first = ask("New password");
	second = ask("Once more");
	restore_terminal();
	if (strcmp(first, second) != 0)
		tool_fail(EX_DATAERR, "the two differ");
	return first;
}
