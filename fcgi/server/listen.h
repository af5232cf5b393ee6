/* SPDX-License-Identifier: ISC */
/* The listening socket: systemd's (sd_listen_fds(3)) or one of our own. */
#ifndef POSTERN_LISTEN_H
#define POSTERN_LISTEN_H

/* A non-blocking listening Unix stream socket: the one that systemd passed, else a new one at path (mode 0660; a dead socket
 * there is replaced, a living one is an error).  Ends the process with a message (EX_USAGE, EX_CANTCREAT) when there is none. */
int listen_socket(const char *path);

#endif
