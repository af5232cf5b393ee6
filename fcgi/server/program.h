/* SPDX-License-Identifier: ISC */
/* The life of a server program: options, settings, socket, workers, end. */
#ifndef POSTERN_PROGRAM_H
#define POSTERN_PROGRAM_H

#include <fcgiapp.h>
#include <stdbool.h>

#include "server/settings.h"

struct program {
	const char *name;                         /* "postern-token" */
	const char *purpose;                      /* a sentence for --help */
	enum settings_program settings;
	bool keeps_connections;                   /* nginx's connections stay open and are served in turn (token, contacts) */
	/* Called in the parent, before the fork: makes what the workers share. */
	void (*share)(void);
	/* Called in each worker before its first accept: connects, prepares every statement, reads pages and keys.  It ends the
	 * process with a clear message (log_fatal) if that can't be. */
	void (*start)(const struct settings *);
	/* Serves one request, already read, to its end.  FCGX_Finish_r is the caller's. */
	void (*serve)(FCGX_Request *);
};

/* main() of a server: --listen PATH, --workers N, --help, --version.  Returns the exit status (sysexits.h). */
int program_main(const struct program *, int argc, char **argv);

#endif
