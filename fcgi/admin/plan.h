/* SPDX-License-Identifier: ISC */
/* Judges the plan of a statement: what it reads of the directory it must find by key. */
#ifndef POSTERN_PLAN_H
#define POSTERN_PLAN_H

#include <stdbool.h>

struct json_object;

struct plan {
	bool directory;      /* it reads something that is not in the schema oauth */
	const char *wrong;   /* what costs more the larger the directory is, NULL: nothing */
	const char *todo;
};

/* Of what "explain (verbose, format json)" says.  The texts live as long as the tool. */
struct plan plan_judge(struct json_object *explained);

#endif
