/* SPDX-License-Identifier: ISC */
/* postern check: the pages and the keyrings. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/check.h"
#include "admin/postern.h"
#include "base/arena.h"
#include "crypto/keyring.h"
#include "server/settings.h"

static void
check_pages(const char *folder)
{
	static const char *const files[] = {
#define PAGE(name, file) file ".html",
#include "html/pages.def"
#undef PAGE
		"begin.html",
		"style.css",
	};
	const char *path;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		path = arena_printf(tool_arena, "%s/%s", folder, files[i]);
		if (access(path, R_OK) != 0) {
			check_fail("pages", "copy it from the installed pages", "%s: %s", path, strerror(errno));
			return;
		}
	}
	check_ok("pages", "%s", folder);
}

static void
check_keyring(const char *setting)
{
	const char *path = getenv(setting);
	struct keyring ring;
	char error[256];

	if (path == NULL || *path == '\0')
		return;
	if (!keyring_read(&ring, path, error, sizeof(error)))
		check_fail("keyring", error, "%s", path);
	else
		check_ok("keyring", "%s, %zu keys", path, ring.count);
	explicit_bzero(&ring, sizeof(ring));
}

void
check_files(const struct settings *s)
{
	if (s->pages != NULL)
		check_pages(s->pages);
	check_keyring("POSTERN_KEYRING");
	check_keyring("POSTERN_DEVICE_KEYRING");
}
