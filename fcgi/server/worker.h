/* SPDX-License-Identifier: ISC */
/* A worker's loop: many kept connections of nginx, one request at a time, in the order of arrival. */
#ifndef POSTERN_WORKER_H
#define POSTERN_WORKER_H

#include <fcgiapp.h>
#include <stdbool.h>

/* Serves until SIGTERM and then until nginx has closed its connections, at most 20 s.  Returns the exit status.
 * SIGTERM must be blocked already, and stays so. */
int worker_loop(int listen_fd, bool keeps_connections, void (*serve)(FCGX_Request *));

#endif
