/* SPDX-License-Identifier: ISC */
/* Waiting for a descriptor, but never past a deadline. */
#include "config.h"

#include "db/deadline.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"

int64_t
deadline_in(int64_t milliseconds)
{
	return clock_ms() + milliseconds;
}

bool
deadline_poll(int fd, short events, int64_t deadline)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int n;

	if (fd < 0)
		return false;
	do {
		n = poll(&pfd, 1, clock_left(deadline));
	} while (n < 0 && errno == EINTR);
	return n > 0;
}
