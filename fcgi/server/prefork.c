/* SPDX-License-Identifier: ISC */
/* The parent of the workers.  It serves nothing and never calls libfcgi, whose signal handlers would make it deaf to SIGTERM.
 *
 * Signals come through a signalfd, readiness through a pipe in which each worker writes its pid once; the parent waits for both
 * in one poll.  Another parent may work on the same listening socket meanwhile: that is how a new version takes over. */
#include "config.h"

#include "server/prefork.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/notify.h"

enum {
	DRAIN_MS = 25 * 1000,          /* the workers' own limit is 20 s */
	BACKOFF_FIRST_MS = 100,
	BACKOFF_LAST_MS = 5000
};

/* One worker's place. */
struct slot {
	pid_t pid;                     /* 0: none */
	bool ready;
	int64_t backoff;               /* how long to wait with the next one, if this one is never ready */
	int64_t due;                   /* when the next one is forked */
};

struct parent {
	const struct prefork *config;
	struct slot *slots;
	pid_t pid;
	int signals, pipe[2];
	bool any_ready, all_ready;     /* ever */
	bool stopping;
	int status;                    /* what prefork_run returns */
};

/* In a worker: where to say that it is ready. */
static int ready_fd = -1;

void
prefork_ready(void)
{
	pid_t pid = getpid();

	if (ready_fd < 0)
		return;
	if (write(ready_fd, &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
		log_fatal(EX_OSERR, "ready_failed", "error", strerror(errno), NULL);
	close(ready_fd);
	ready_fd = -1;
}

static void
log_worker(enum log_level level, const char *event, pid_t pid, const char *key, const char *value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	log_event(level, event, "pid", text, key, value, NULL);
}

/* The worker's whole life.  SIGTERM stays blocked, worker_loop lets it in. */
static void
become_worker(const struct parent *p)
{
	sigset_t term;

	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
		log_fatal(EX_OSERR, "worker_failed", "error", strerror(errno), NULL);
	if (getppid() != p->pid)
		exit(EX_OK);           /* the parent died before the prctl, no signal will tell it */
	close(p->signals);
	close(p->pipe[0]);
	ready_fd = p->pipe[1];
	signal(SIGINT, SIG_IGN);       /* a terminal sends it to all; the parent decides */
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_SETMASK, &term, NULL);
	exit(p->config->work(p->config->arg));
}

static void
postpone(struct slot *s)
{
	s->due = clock_ms() + s->backoff;
	s->backoff = 2 * s->backoff < BACKOFF_LAST_MS ? 2 * s->backoff : BACKOFF_LAST_MS;
}

static void
fork_worker(struct parent *p, struct slot *s)
{
	pid_t pid;

	if ((pid = fork()) == 0)
		become_worker(p);
	if (pid < 0) {
		log_event(LOG_ERROR, "fork_failed", "error", strerror(errno), NULL);
		postpone(s);
		return;
	}
	s->pid = pid;
	s->ready = false;
}

/* Forks what is missing and due.  Returns how long the parent may sleep: until the next one is due, -1 for ever. */
static int
fork_missing(struct parent *p)
{
	int i, left, sleep = -1;

	for (i = 0; i < p->config->workers; i++) {
		if (p->slots[i].pid == 0 && clock_left(p->slots[i].due) == 0)
			fork_worker(p, &p->slots[i]);
		if (p->slots[i].pid != 0)
			continue;
		left = clock_left(p->slots[i].due);
		if (sleep < 0 || left < sleep)
			sleep = left;
	}
	return sleep;
}

static struct slot *
slot_of(struct parent *p, pid_t pid)
{
	int i;

	for (i = 0; i < p->config->workers; i++)
		if (p->slots[i].pid == pid)
			return &p->slots[i];
	return NULL;
}

static int
count(const struct parent *p, bool ready)
{
	int i, n = 0;

	for (i = 0; i < p->config->workers; i++)
		n += p->slots[i].pid != 0 && (!ready || p->slots[i].ready);
	return n;
}

static void
hear_ready(struct parent *p)
{
	struct slot *s;
	char text[16];
	pid_t pid;

	while (read(p->pipe[0], &pid, sizeof(pid)) == (ssize_t)sizeof(pid)) {
		if ((s = slot_of(p, pid)) == NULL)
			continue;
		s->ready = p->any_ready = true;
		s->backoff = BACKOFF_FIRST_MS;
	}
	if (p->all_ready || p->stopping || count(p, true) < p->config->workers)
		return;
	p->all_ready = true;
	snprintf(text, sizeof(text), "%d", p->config->workers);
	log_event(LOG_INFO, "ready", "workers", text, NULL);
	notify("READY=1");
}

static void
log_death(const struct parent *p, const struct slot *s, int status)
{
	const char *when = s->ready ? "worker_died" : "worker_died_before_ready";
	char text[16];

	if (WIFSIGNALED(status)) {
		log_worker(LOG_ERROR, when, s->pid, "signal", sigabbrev_np(WTERMSIG(status)));
		return;
	}
	if (p->stopping && WEXITSTATUS(status) == EX_OK)
		return;
	snprintf(text, sizeof(text), "%d", WEXITSTATUS(status));
	log_worker(LOG_ERROR, when, s->pid, "status", text);
}

static void
bury(struct parent *p, struct slot *s, int status)
{
	log_death(p, s, status);
	/* A mistake in the settings doesn't heal by trying again. */
	if (!p->any_ready && WIFEXITED(status) && WEXITSTATUS(status) == EX_CONFIG) {
		p->stopping = true;
		p->status = EX_CONFIG;
	}
	s->pid = 0;
	s->due = 0;
	if (!s->ready)
		postpone(s);
}

/* One SIGCHLD may be many children.  Who said "ready" before dying is heard first. */
static void
reap(struct parent *p)
{
	struct slot *s;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		hear_ready(p);
		if ((s = slot_of(p, pid)) != NULL)
			bury(p, s, status);
	}
}

/* Waits for a signal or a ready worker. */
static void
wait_for(struct parent *p, int timeout)
{
	struct pollfd fds[] = { { .fd = p->signals, .events = POLLIN }, { .fd = p->pipe[0], .events = POLLIN } };
	struct signalfd_siginfo info;

	if (poll(fds, 2, timeout) < 0 && errno != EINTR)
		log_fatal(EX_OSERR, "poll_failed", "error", strerror(errno), NULL);
	while (read(p->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			p->stopping = true;
	hear_ready(p);
	reap(p);
}

static void
kill_all(const struct parent *p, int sig)
{
	int i;

	for (i = 0; i < p->config->workers; i++)
		if (p->slots[i].pid != 0)
			kill(p->slots[i].pid, sig);
}

static void
drain(struct parent *p)
{
	int64_t until = clock_ms() + DRAIN_MS;
	char text[16];
	int left;

	notify("STOPPING=1");
	log_event(LOG_INFO, "draining", NULL);
	kill_all(p, SIGTERM);
	while (count(p, false) > 0 && clock_left(until) > 0)
		wait_for(p, clock_left(until));
	left = count(p, false);
	kill_all(p, SIGKILL);
	while (count(p, false) > 0)
		wait_for(p, -1);
	snprintf(text, sizeof(text), "%d", left);
	log_event(left == 0 ? LOG_INFO : LOG_WARN, "stopped", "killed", left == 0 ? NULL : text, NULL);
}

static void
prepare(struct parent *p, const struct prefork *config)
{
	sigset_t set;
	int i;

	p->config = config;
	p->pid = getpid();
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGCHLD, SIG_DFL);      /* ignored, it would let the dead vanish unseen */
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	p->slots = calloc((size_t)config->workers, sizeof(*p->slots));
	p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (p->slots == NULL || p->signals < 0 || pipe2(p->pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		log_fatal(EX_OSERR, "start_failed", "error", strerror(errno), NULL);
	for (i = 0; i < config->workers; i++)
		p->slots[i].backoff = BACKOFF_FIRST_MS;
}

int
prefork_run(const struct prefork *config)
{
	struct parent p = { .status = EX_OK };

	prepare(&p, config);
	while (!p.stopping)
		wait_for(&p, fork_missing(&p));
	drain(&p);
	close(p.signals);
	close(p.pipe[0]);
	close(p.pipe[1]);
	free(p.slots);
	return p.status;
}
