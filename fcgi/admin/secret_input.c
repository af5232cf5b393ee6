/* SPDX-License-Identifier: ISC */
/* Reading a password: never from the command line, which other users can see. */
#include "config.h"

#include "admin/secret_input.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "admin/postern.h"
#include "base/arena.h"
#include "base/text.h"
#include "crypto/password.h"

static const char *
read_line(void)
{
	char line[PASSWORD_MAX + 3];
	const char *copy;
	size_t len;

	if (fgets(line, sizeof(line), stdin) == NULL)
		tool_fail(EX_NOINPUT, "no password came");
	len = strcspn(line, "\n");
	line[len] = '\0';
	if (len == 0 || len > PASSWORD_MAX || !text_utf8(line, len))
		tool_fail(EX_DATAERR, "a password has 1 to %d bytes of UTF-8", PASSWORD_MAX);
	copy = arena_strdup(tool_arena, line);
	explicit_bzero(line, sizeof(line));
	return copy;
}

static const char *
ask(const char *prompt)
{
	const char *line;

	fprintf(stderr, "%s: ", prompt);
	line = read_line();
	fputc('\n', stderr);
	return line;
}

const char *
secret_input_new(void)
{
	struct termios before, silent;
	const char *first, *second;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return read_line();
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	first = ask("New password");
	second = ask("Once more");
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	if (strcmp(first, second) != 0)
		tool_fail(EX_DATAERR, "the two differ");
	return first;
}
