/* SPDX-License-Identifier: ISC */
/* An answer of a given size, by libfcgi's usual loop: pre-forked, a connection a request. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "echo.h"

enum { BACKLOG = 511 };

static int
loop(int fd)
{
	FCGX_Request request;

	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || FCGX_Init() != 0)
		return EX_OSERR;
	/* FCGX_Init's handler would wait for one more request. */
	signal(SIGTERM, SIG_DFL);
	FCGX_InitRequest(&request, fd, 0);
	while (FCGX_Accept_r(&request) == 0) {
		echo_answer(&request);
		FCGX_Finish_r(&request);
	}
	return EX_OK;
}

int
main(int argc, char **argv)
{
	long workers = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	int fd;

	if (workers < 1) {
		fprintf(stderr, "Usage: %s SOCKET WORKERS\n", argv[0]);
		return EX_USAGE;
	}
	if ((fd = FCGX_OpenSocket(argv[1], BACKLOG)) < 0)
		return EX_CANTCREAT;
	while (workers-- > 0) {
		if (fork() == 0)
			_exit(loop(fd));
	}
	pause();
	return EX_OK;
}
