/* SPDX-License-Identifier: ISC */
/* Reading a password: never from the command line, which other users can see. */
#ifndef POSTERN_SECRET_INPUT_H
#define POSTERN_SECRET_INPUT_H

/* A new password: typed twice at the terminal without echo, or the first line of standard input.  An empty or too long one ends the
 * tool. */
const char *secret_input_new(void);

#endif
