/* SPDX-License-Identifier: ISC */
/* What the three servers have in common from main() on. */
#include "config.h"

#include "server/program.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "server/listen.h"
#include "server/prefork.h"
#include "server/worker.h"

enum { WORKERS_MAX = 1024 };

struct options {
	const char *listen;
	int64_t workers;            /* -1: as the setting says */
};

/* What a worker needs, made before the fork. */
struct job {
	const struct program *program;
	const struct settings *settings;
	int listen_fd;
};

static void
help(const struct program *p)
{
	printf("Usage: %s [--listen PATH] [--workers N]\n\n%s\n\n"
	    "  --listen PATH  listen on a Unix socket of our own, unless systemd passes one\n"
	    "  --workers N    worker processes, instead of POSTERN_WORKERS\n"
	    "  --help         this text\n"
	    "  --version      name and version\n\n"
	    "Settings are environment variables (and PostgreSQL's own, PGHOST and the like):\n\n",
	    p->name, p->purpose);
	settings_help(p->settings);
}

/* mistake is NULL where getopt_long has told it. */
static void
usage(const struct program *p, const char *mistake)
{
	if (mistake != NULL)
		fprintf(stderr, "%s: %s\n", p->name, mistake);
	fprintf(stderr, "Try %s --help.\n", p->name);
	exit(EX_USAGE);
}

static void
read_options(struct options *o, const struct program *p, int argc, char **argv)
{
	static const struct option known[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "workers", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'l':
			o->listen = optarg;
			break;
		case 'w':
			if (!text_number(optarg, 0, WORKERS_MAX, &o->workers))
				usage(p, "--workers wants a number from 0 to 1024");
			break;
		case 'h':
			help(p);
			exit(EX_OK);
		case 'v':
			printf("%s %s\n", p->name, PACKAGE_VERSION);
			exit(EX_OK);
		default:
			usage(p, NULL);
		}
	}
	if (optind < argc)
		usage(p, "there are no arguments but options");
}

/* A descriptor that is opened as 0, 1 or 2 would get what the process or a library prints. */
static void
keep_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Two a core; where each request hashes for 13 ms half the cores, so that the others stay free for checks. */
static int
workers(const struct program *p, const struct options *o, const struct settings *s)
{
	int64_t n = o->workers >= 0 ? o->workers : s->workers;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (n == 0)
		n = (p->settings & FOR_AUTHORIZE) != 0 ? cores / 2 : 2 * cores;
	if (n < 1)
		return 1;
	return n > WORKERS_MAX ? WORKERS_MAX : (int)n;
}

static int
work(void *arg)
{
	const struct job *job = arg;

	job->program->start(job->settings);
	prefork_ready();
	return worker_loop(job->listen_fd, job->program->keeps_connections, job->program->serve);
}

int
program_main(const struct program *program, int argc, char **argv)
{
	struct options options = { .workers = -1 };
	struct job job = { .program = program };
	struct prefork prefork = { .work = work, .arg = &job };

	keep_standard_descriptors();
	log_program(program->name);
	read_options(&options, program, argc, argv);
	job.settings = settings_read(program->settings);
	program->share();
	job.listen_fd = listen_socket(options.listen);
	prefork.workers = workers(program, &options, job.settings);
	log_event(LOG_INFO, "start", "version", PACKAGE_VERSION, NULL);
	return prefork_run(&prefork);
}
