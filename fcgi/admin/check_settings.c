/* SPDX-License-Identifier: ISC */
/* postern check: the environment. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/check.h"
#include "admin/postern.h"
#include "base/arena.h"
#include "server/settings.h"

static bool wrong_settings;

static void
judge(const char *name, const char *wrong)
{
	bool keyring = strcmp(name, "POSTERN_KEYRING") == 0 || strcmp(name, "POSTERN_DEVICE_KEYRING") == 0;

	if (wrong == NULL || keyring) /* check_files reads them whole */
		return;
	check_fail("setting", wrong, "%s", name);
	wrong_settings = true;
}

/* A name with a slip of the pen is a setting that silently isn't one. */
static void
judge_names(void)
{
	const char *name;
	char **p;

	for (p = environ; *p != NULL; p++) {
		name = arena_strndup(tool_arena, *p, strcspn(*p, "="));
		if (strncmp(name, "POSTERN_", 8) == 0 && !settings_known(name)) {
			check_fail("setting", "there is no such setting: postern(7) has all", "%s", name);
			wrong_settings = true;
		}
	}
}

bool
check_settings(const struct settings **ret)
{
	*ret = settings_judge(FOR_CHECK, judge);
	judge_names();
	if (!wrong_settings)
		check_ok("settings", "each is as it may be");
	return !wrong_settings;
}
