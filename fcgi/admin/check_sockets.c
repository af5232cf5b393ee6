/* SPDX-License-Identifier: ISC */
/* postern check: does each program listen? */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/check.h"
#include "admin/postern.h"
#include "base/arena.h"
#include "server/settings.h"

/* 0, or why not.  EAGAIN is a full backlog: somebody listens. */
static int
knock(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int why = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN ? 0 : errno;

	close(fd);
	return why;
}

static void
check_socket(const char *folder, const char *program)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = arena_printf(tool_arena, "%s/%s.sock", folder, program);
	int why;

	if (strlen(path) >= sizeof(address.sun_path)) {
		check_fail("socket", "choose a shorter folder in POSTERN_RUN", "%s is too long", path);
		return;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if ((why = knock(&address)) == 0)
		check_ok("socket", "%s", path);
	else if (why == EACCES)
		check_fail("socket", "only nginx's group may open it: run this with that group (runuser -G)", "%s: %s", path,
		    strerror(why));
	else
		check_fail("socket",
		    arena_printf(tool_arena, "start postern-%s (systemctl start postern-%s.socket)", program, program), "%s: %s",
		    path, strerror(why));
}

void
check_sockets(const struct settings *s)
{
	if (s->run == NULL)
		return;
	check_socket(s->run, "authorize");
	check_socket(s->run, "token");
	check_socket(s->run, "contacts");
}
