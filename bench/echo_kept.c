/* SPDX-License-Identifier: ISC */
/* An answer of a given size, by our own worker loop: what a request costs before anything is done for it. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/text.h"
#include "echo.h"
#include "server/listen.h"
#include "server/prefork.h"
#include "server/worker.h"

enum { WORKERS_MAX = 1024 };

static int
work(void *listen_fd)
{
	prefork_ready();
	return worker_loop(*(const int *)listen_fd, true, echo_answer);
}

int
main(int argc, char **argv)
{
	struct prefork prefork = { .work = work };
	int64_t workers;
	int fd;

	if (argc != 3 || !text_number(argv[2], 1, WORKERS_MAX, &workers)) {
		fprintf(stderr, "Usage: %s SOCKET WORKERS\n", argv[0]);
		return EX_USAGE;
	}
	log_program("echo_kept");
	fd = listen_socket(argv[1]);
	prefork.workers = (int)workers;
	prefork.arg = &fd;
	return prefork_run(&prefork);
}
