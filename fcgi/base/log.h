/* SPDX-License-Identifier: ISC */
/* One event, one line, one write(2) to stderr: logfmt, so that a person and a machine can read it. */
#ifndef POSTERN_LOG_H
#define POSTERN_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO };

/* Names the program in every line from here on. */
void log_program(const char *name);

/* Writes "level=info program=postern-token event=start key=value ...".  The pairs end with NULL; a pair whose value is NULL is
 * left out.  Values with spaces, quotes or control characters are quoted and escaped, so that nobody can forge a line.
 * No secret, token, code, cookie or password is ever a value. */
void log_event(enum log_level, const char *event, ...) __attribute__((sentinel));

/* The same, and the process ends with the status (sysexits.h). */
void log_fatal(int status, const char *event, ...) __attribute__((sentinel, noreturn));

#endif
