/* SPDX-License-Identifier: ISC */
/* Where requests come from: the socket that systemd holds for us, or one of our own. */
#include "config.h"

#include "server/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

/* What waits beyond this is refused at once, and nginx answers for us.  The kernel cuts it at net.core.somaxconn. */
enum { BACKLOG = 511 };

/* sd_listen_fds(3): the first descriptor passed. */
enum { PASSED = 3 };

/* Our own socket, to be removed at the end by the process that made it, if it is still the one. */
static struct {
	struct sockaddr_un address;
	pid_t maker;
	dev_t device;
	ino_t inode;
} own;

static void
remove_own(void)
{
	struct stat st;

	if (getpid() == own.maker && lstat(own.address.sun_path, &st) == 0 && st.st_dev == own.device &&
	    st.st_ino == own.inode)
		unlink(own.address.sun_path);
}

static void
cannot(const char *what)
{
	log_fatal(EX_CANTCREAT, "no_socket", "path", own.address.sun_path, "reason", what, NULL);
}

static int
option(int fd, int name)
{
	int value;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 ? value : -1;
}

/* The number of descriptors that were passed to this very process. */
static int64_t
passed(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int64_t n = 0;

	if (pid == NULL || count == NULL || !text_number(pid, getpid(), getpid(), &n) || !text_number(count, 0, INT32_MAX, &n))
		n = 0;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return n;
}

static int
take_passed(int64_t count)
{
	int flags;

	if (count != 1)
		log_fatal(EX_USAGE, "no_socket", "reason", "exactly one socket must be passed (one ListenStream=)", NULL);
	if (option(PASSED, SO_DOMAIN) != AF_UNIX || option(PASSED, SO_TYPE) != SOCK_STREAM ||
	    option(PASSED, SO_ACCEPTCONN) != 1)
		log_fatal(EX_USAGE, "no_socket", "reason", "the passed descriptor is no listening Unix stream socket", NULL);
	if ((flags = fcntl(PASSED, F_GETFL)) < 0 || fcntl(PASSED, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(PASSED, F_SETFD, FD_CLOEXEC) < 0)
		log_fatal(EX_OSERR, "no_socket", "reason", strerror(errno), NULL);
	return PASSED;
}

/* Makes the path free: what a dead process left there is removed. */
static void
clear_path(void)
{
	struct stat st;
	int fd;
	bool lives;

	if (lstat(own.address.sun_path, &st) != 0) {
		if (errno != ENOENT)
			cannot(strerror(errno));
		return;
	}
	if (!S_ISSOCK(st.st_mode))
		cannot("something that is no socket stands there");
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		cannot(strerror(errno));
	/* Only a refusal says that nobody listens: a full backlog (EAGAIN) is a living one, too. */
	lives = connect(fd, (const struct sockaddr *)&own.address, sizeof(own.address)) == 0 || errno != ECONNREFUSED;
	close(fd);
	if (lives)
		cannot("another process listens there");
	if (unlink(own.address.sun_path) != 0 && errno != ENOENT)
		cannot(strerror(errno));
}

static int
make_own(const char *path)
{
	struct stat st;
	mode_t mask;
	size_t len = strlen(path);
	int fd, bound;

	if (len == 0 || len >= sizeof(own.address.sun_path))
		log_fatal(EX_CANTCREAT, "no_socket", "path", path, "reason", "the path must have 1 to 107 bytes", NULL);
	own.address.sun_family = AF_UNIX;
	memcpy(own.address.sun_path, path, len + 1);
	clear_path();
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		cannot(strerror(errno));
	/* The mode is right from the first moment on: 0660. */
	mask = umask(0117);
	bound = bind(fd, (const struct sockaddr *)&own.address, sizeof(own.address));
	umask(mask);
	if (bound != 0 || listen(fd, BACKLOG) != 0 || lstat(path, &st) != 0)
		cannot(strerror(errno));
	own.maker = getpid();
	own.device = st.st_dev;
	own.inode = st.st_ino;
	if (atexit(remove_own) != 0)
		cannot(strerror(errno));
	return fd;
}

int
listen_socket(const char *path)
{
	int64_t count = passed();

	if (count > 0)
		return take_passed(count);
	if (path == NULL)
		log_fatal(EX_USAGE, "no_socket", "reason", "none was passed by systemd, and --listen PATH is missing", NULL);
	return make_own(path);
}
