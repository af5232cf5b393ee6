/* SPDX-License-Identifier: ISC */
/* A file, or a pipe, as a stream of bytes and lines, in a buffer of fixed size. */
#ifndef POSTERN_INPUT_H
#define POSTERN_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INPUT_END = -1, INPUT_BUFFER = 64 * 1024 };

struct input {
	int fd;
	int error;        /* errno of a read that failed; INPUT_END then came early */
	int64_t total;    /* bytes of a file; 0: not known, as of a pipe */
	int64_t taken;    /* bytes that input_get gave */
	int64_t line;     /* that of the next byte, from 1 */
	size_t at, len;   /* in bytes[] */
	bool wide;        /* it begins as UTF-16 does */
	unsigned char bytes[INPUT_BUFFER];
};

/* Begins to read; a byte order mark of UTF-8 at the start is skipped.  The descriptor stays the caller's. */
void input_begin(struct input *, int fd);

/* The next byte, taken or only looked at; INPUT_END at the end. */
int input_get(struct input *);
int input_peek(struct input *);

/* Takes what is left of a line, with its end. */
void input_skip_line(struct input *);

/* The next line without its end (LF or CR LF), NUL-terminated; *ret_len may be more than size - 1, and then the rest was dropped.
 * False at the end of the file. */
bool input_line(struct input *, char *out, size_t size, size_t *ret_len);

#endif
