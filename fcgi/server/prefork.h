/* SPDX-License-Identifier: ISC */
/* The parent: forks the workers, replaces the dead, drains them at SIGTERM. */
#ifndef POSTERN_PREFORK_H
#define POSTERN_PREFORK_H

struct prefork {
	int workers;
	/* The worker's life; its return value is its exit status.  It calls prefork_ready() before its first accept. */
	int (*work)(void *);
	void *arg;
};

/* Returns the exit status: 0 after a drain; EX_CONFIG if a worker said so before any was ready. */
int prefork_run(const struct prefork *);

/* In a worker: all statements are prepared, the next thing is accept. */
void prefork_ready(void);

#endif
