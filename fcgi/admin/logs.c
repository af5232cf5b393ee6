/* SPDX-License-Identifier: ISC */
/* Where the logs are: files, standard input, or the journal, which journalctl reads for us: without a shell, with arguments that are
 * always the same, and with nothing of our environment but the path. */
#include "config.h"

#include "admin/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "admin/postern.h"
#include "base/arena.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

struct reader {
	int fd;
	const char *name;
	const char *text; /* what a line must hold */
	void (*each)(const char *);
	int64_t deadline; /* seconds, 0: none */
	size_t len;
	bool skip; /* in the middle of a line that is too long */
	char data[LINE_MAX_BYTES + 1];
};

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void
line(struct reader *r, char *text, size_t len)
{
	text[len] = '\0';
	if (!r->skip && strlen(text) == len && strstr(text, r->text) != NULL)
		r->each(text);
	r->skip = false;
}

/* Hands out all whole lines, and keeps the begun one. */
static void
lines(struct reader *r)
{
	char *begin = r->data, *end;

	while ((end = memchr(begin, '\n', r->len - (size_t)(begin - r->data))) != NULL) {
		line(r, begin, (size_t)(end - begin));
		begin = end + 1;
	}
	r->len -= (size_t)(begin - r->data);
	memmove(r->data, begin, r->len);
	if (r->len == LINE_MAX_BYTES) {
		r->skip = true;
		r->len = 0;
	}
}

/* Reads to the end; false when the time is over. */
static bool
read_all(struct reader *r)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };
	int64_t left;
	ssize_t n;

	for (;;) {
		left = r->deadline == 0 ? -1 : r->deadline - now();
		if (r->deadline != 0 && (left <= 0 || poll(&p, 1, (int)(left * 1000)) <= 0))
			return false;
		if ((n = read(r->fd, r->data + r->len, LINE_MAX_BYTES - r->len)) < 0 && errno == EINTR)
			continue;
		if (n < 0)
			tool_fail(EX_NOINPUT, "%s: %s", r->name, strerror(errno));
		if (n == 0)
			break;
		r->len += (size_t)n;
		lines(r);
	}
	if (r->len > 0)
		line(r, r->data, r->len);
	return true;
}

static struct reader *
reader(int fd, const char *name, const char *text, void (*each)(const char *))
{
	struct reader *r = arena_alloc(tool_arena, sizeof(*r));

	if (fd < 0)
		tool_fail(EX_NOINPUT, "%s: %s", name, strerror(errno));
	r->fd = fd;
	r->name = name;
	r->text = text;
	r->each = each;
	return r;
}

void
logs_files(const char *const *files, size_t n, const char *text, void (*each)(const char *line))
{
	bool in;
	size_t i;
	int fd;

	for (i = 0; i < n; i++) {
		in = strcmp(files[i], "-") == 0;
		fd = in ? STDIN_FILENO : open(files[i], O_RDONLY | O_CLOEXEC);
		read_all(reader(fd, in ? "standard input" : files[i], text, each));
		if (!in)
			close(fd);
	}
}

__attribute__((noreturn)) static void
become_journalctl(int out)
{
	const char *path = getenv("PATH"), *copy = arena_strdup(tool_arena, path == NULL ? "/usr/bin:/bin" : path);

	if (dup2(out, STDOUT_FILENO) == STDOUT_FILENO && clearenv() == 0 && setenv("PATH", copy, 1) == 0 &&
	    setenv("LC_ALL", "C.UTF-8", 1) == 0)
		execlp("journalctl", "journalctl", "--quiet", "--no-pager", "--utc", "--output=short-iso", "--unit=postern-*",
		    (char *)NULL);
	_exit(127);
}

void
logs_journal(const char *text, int64_t seconds, void (*each)(const char *line))
{
	struct reader *r;
	int ends[2], status = 0;
	bool whole;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0 || (pid = fork()) < 0)
		tool_fail(EX_OSERR, "journalctl: %s", strerror(errno));
	if (pid == 0)
		become_journalctl(ends[1]);
	close(ends[1]);
	r = reader(ends[0], "journalctl", text, each);
	r->deadline = now() + seconds;
	if (!(whole = read_all(r)))
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	close(ends[0]);
	if (!whole)
		tool_fail(EX_NOINPUT, "the journal took more than %lld seconds: give it more by --seconds, or a file by --log",
		    (long long)seconds);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		tool_fail(
		    EX_NOINPUT, "journalctl could not read the journal: where the services' log is in files, give them by --log");
}
