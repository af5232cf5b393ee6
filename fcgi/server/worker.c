/* SPDX-License-Identifier: ISC */
/* The worker's loop.
 *
 * libfcgi's usual loop knows one connection: kept open it starves all others, closed after each request it costs a connect, an
 * accept and a close each.  Here a worker holds many, each with an FCGX_Request of its own, and one epoll set over them and
 * the listening socket says which is next.  One request is served at a time.
 *
 * libfcgi reads and writes, but it neither accepts nor waits.  A descriptor accepted here is put into the request's ipcFd; its
 * listen_sock is -1, so that FCGX_Accept_r returns an error when a connection breaks, instead of accepting another.  No other
 * file touches ipcFd and keepConnection.
 *
 * SIGTERM stays blocked and comes as one more descriptor, so it never interrupts a request.  After it nothing is accepted, but
 * what nginx sends over its kept connections is served until nginx has closed them all: to close one here would lose the request
 * that is just on its way. */
#include "config.h"

#include "server/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum {
	CONNECTIONS_MAX = 256,
	EVENTS_MAX = 16,
	STUCK_SECONDS = 2,          /* a peer that neither sends nor takes for so long is given up */
	DRAIN_MS = 20 * 1000
};

struct connection {
	FCGX_Request request;
	struct connection *next;    /* free ones only */
};

struct worker {
	void (*serve)(FCGX_Request *);
	int listen_fd, epoll, signals;
	bool keeps;
	bool listening;             /* the listening socket is in the epoll set */
	bool draining;
	int64_t deadline;           /* of draining */
	int kept;
	int64_t served;
	struct connection *free;
	struct connection connections[CONNECTIONS_MAX];
};

/* FCGX_Init installs handlers of its own for these three; they get ours back. */
static void
init_library(void)
{
	static const int signals[] = { SIGPIPE, SIGUSR1, SIGTERM };
	struct sigaction ours[3];
	size_t i;

	for (i = 0; i < 3; i++)
		sigaction(signals[i], NULL, &ours[i]);
	if (FCGX_Init() != 0)
		log_fatal(EX_OSERR, "fcgi_failed", NULL);
	for (i = 0; i < 3; i++)
		sigaction(signals[i], &ours[i], NULL);
}

static struct worker *
worker_new(int listen_fd, bool keeps, void (*serve)(FCGX_Request *))
{
	struct worker *w;
	sigset_t term;
	int i;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	if ((w = calloc(1, sizeof(*w))) == NULL || (w->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0 ||
	    (w->signals = signalfd(-1, &term, SFD_CLOEXEC)) < 0)
		log_fatal(EX_OSERR, "worker_failed", "error", strerror(errno), NULL);
	w->serve = serve;
	w->listen_fd = listen_fd;
	w->keeps = keeps;
	for (i = CONNECTIONS_MAX - 1; i >= 0; i--) {
		FCGX_InitRequest(&w->connections[i].request, -1, 0);
		w->connections[i].next = w->free;
		w->free = &w->connections[i];
	}
	return w;
}

/* Puts a descriptor into the epoll set; what is the connection, or the place in the worker that holds the descriptor. */
static void
watch(struct worker *w, int fd, uint32_t events, void *what)
{
	struct epoll_event e = { .events = events, .data.ptr = what };

	if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		log_fatal(EX_OSERR, "epoll_failed", "error", strerror(errno), NULL);
}

/* The listening socket is watched while there is room for a connection and no end in sight.  EPOLLEXCLUSIVE: one connection
 * wakes one worker. */
static void
watch_listener(struct worker *w)
{
	bool wanted = !w->draining && w->free != NULL;

	if (wanted == w->listening)
		return;
	if (wanted)
		watch(w, w->listen_fd, EPOLLIN | EPOLLEXCLUSIVE, &w->listen_fd);
	else
		epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->listen_fd, NULL);
	w->listening = wanted;
}

/* What the handler left of the request's body would be taken for the next request.  False if it doesn't end in time.  Dropped is
 * what each read brought, however little, so that the time is looked at after each. */
static bool
drop_body(FCGX_Stream *in)
{
	int64_t until = clock_ms() + STUCK_SECONDS * 1000;

	while (FCGX_GetChar(in) != EOF) {
		in->rdNext = in->stop;
		if (clock_left(until) == 0)
			return false;
	}
	return true;
}

/* Reads one request from the connection and serves it.  False if the connection is closed afterwards. */
static bool
serve(struct worker *w, FCGX_Request *r)
{
	bool keep;

	if (FCGX_Accept_r(r) < 0) {
		log_event(LOG_WARN, "request_broken", "reason", "closed, or silent, before the request was complete", NULL);
		return false;
	}
	w->serve(r);
	w->served++;
	keep = drop_body(r->in) && w->keeps && r->keepConnection;
	/* A peer that was given up is given up for good: the last write and the close don't wait for it again. */
	if (FCGX_GetError(r->in) != 0 || FCGX_GetError(r->out) != 0)
		shutdown(r->ipcFd, SHUT_RDWR);
	/* FCGX_Finish_r itself would wait for nginx to close the other end, up to 2 s. */
	r->keepConnection = 1;
	FCGX_Finish_r(r);
	if (!keep && r->ipcFd >= 0) {
		close(r->ipcFd);
		r->ipcFd = -1;
	}
	return r->ipcFd >= 0;
}

static void
forget(struct worker *w, struct connection *c)
{
	c->next = w->free;
	w->free = c;
}

/* Takes a waiting connection and serves its first request. */
static void
accept_one(struct worker *w)
{
	const struct timeval limit = { .tv_sec = STUCK_SECONDS };
	struct connection *c = w->free;
	int fd;

	if ((fd = accept4(w->listen_fd, NULL, NULL, SOCK_CLOEXEC)) < 0) {
		/* Another worker was faster, or nginx has gone. */
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return;
		log_fatal(EX_OSERR, "accept_failed", "error", strerror(errno), NULL);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	w->free = c->next;
	c->request.ipcFd = fd;
	c->request.keepConnection = 1;    /* else FCGX_Accept_r closes it */
	if (serve(w, &c->request)) {
		watch(w, c->request.ipcFd, EPOLLIN | EPOLLRDHUP, c);
		w->kept++;
	} else {
		forget(w, c);
	}
}

/* A kept connection has something: the next request, or its end, or both.  Only where nginx has closed is it asked which. */
static void
serve_kept(struct worker *w, struct connection *c, uint32_t events)
{
	char byte;
	bool closed = events != EPOLLIN;
	bool request = !closed || recv(c->request.ipcFd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;

	if (request && serve(w, &c->request))
		return;
	if (!request)
		FCGX_Free(&c->request, 1);
	w->kept--;
	forget(w, c);
}

/* The descriptor stays readable, so it is watched no more. */
static void
drain(struct worker *w)
{
	epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->signals, NULL);
	w->draining = true;
	w->deadline = clock_ms() + DRAIN_MS;
}

static int
wait_for(struct worker *w, struct epoll_event *events)
{
	int n = epoll_wait(w->epoll, events, EVENTS_MAX, w->draining ? clock_left(w->deadline) : -1);

	if (n < 0 && errno != EINTR)
		log_fatal(EX_OSERR, "epoll_failed", "error", strerror(errno), NULL);
	return n;
}

static void
log_end(const struct worker *w)
{
	char pid[16], served[24], left[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	snprintf(served, sizeof(served), "%" PRId64, w->served);
	snprintf(left, sizeof(left), "%d", w->kept);
	log_event(w->kept == 0 ? LOG_INFO : LOG_WARN, "worker_drained", "pid", pid, "served", served, "left_open", left, NULL);
}

int
worker_loop(int listen_fd, bool keeps_connections, void (*serve_request)(FCGX_Request *))
{
	struct epoll_event events[EVENTS_MAX];
	struct worker *w;
	int i, n;

	init_library();
	w = worker_new(listen_fd, keeps_connections, serve_request);
	watch(w, w->signals, EPOLLIN, &w->signals);
	while (!w->draining || (w->kept > 0 && clock_left(w->deadline) > 0)) {
		watch_listener(w);
		n = wait_for(w, events);
		/* The last events before draining, too: a connection for which this worker was woken wakes no other. */
		for (i = 0; i < n; i++) {
			if (events[i].data.ptr == &w->signals)
				drain(w);
			else if (events[i].data.ptr == &w->listen_fd)
				accept_one(w);
			else
				serve_kept(w, events[i].data.ptr, events[i].events);
		}
	}
	log_end(w);
	for (i = 0; i < CONNECTIONS_MAX; i++)
		FCGX_Free(&w->connections[i].request, w->connections[i].request.ipcFd >= 0);
	close(w->signals);
	close(w->epoll);
	free(w);
	return EX_OK;
}
