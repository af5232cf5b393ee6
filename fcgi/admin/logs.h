/* SPDX-License-Identifier: ISC */
/* Where the logs are: files, standard input, or the journal. */
#ifndef POSTERN_LOGS_H
#define POSTERN_LOGS_H

#include <stddef.h>
#include <stdint.h>

/* Calls each with every line of the files that holds the text, without its newline; "-" is standard input.  A line over 64 KiB is none
 * of ours and is left out.  A file that can't be read ends the tool. */
void logs_files(const char *const *files, size_t n, const char *text, void (*each)(const char *line));

/* The same with what systemd's journal has of our services.  It ends the tool when journalctl is not there, fails, or takes longer
 * than so many seconds. */
void logs_journal(const char *text, int64_t seconds, void (*each)(const char *line));

#endif
