/* SPDX-License-Identifier: ISC */
/* admin/progress: what the bar says, in whatever width. */
#include "config.h"

#include "admin/progress.h"

#include "tap.h"

static const struct {
	const char *name;
	size_t width;
	struct progress_state state;
	const char *want;
} lines[] = {
	{ "half of it", 79, { "contacts", 1000, 500, 1234567, 98765, 12000, 12000 },
	    "[###############...............]  50 %  1,234,567 contacts  98,765/s  0:12 left" },
	{ "nothing yet", 60, { "people", 10, 0, 0, 0, 0, -1 }, "[...............................]   0 %  0 people  0/s  0:00" },
	{ "all", 60, { "people", 10, 10, 10, 5, 2000, 0 }, "[#########################] 100 %  10 people  5/s  0:00 left" },
	{ "more than all", 60, { "people", 10, 12, 12, 6, 2000, 0 },
	    "[#########################] 100 %  12 people  6/s  0:00 left" },
	{ "no room for a bar", 30, { "people", 10, 5, 5, 5, 1000, 1000 }, " 50 %  5 people  5/s  0:01 lef" },
	{ "of unknown length", 79, { "people", 0, 5, 999, 1000, 3661400, -1 }, "999 people  1,000/s  1:01:01" },
	{ "a terminal without width", 0, { "people", 0, 5, 5, 5, 1000, -1 }, "" },
};

int
main(void)
{
	char line[256];
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		progress_line(line, lines[i].width, &lines[i].state);
		ok(strlen(line) <= lines[i].width, "%s: fits", lines[i].name);
		is(line, lines[i].want, lines[i].name);
	}
	return tap_end();
}
