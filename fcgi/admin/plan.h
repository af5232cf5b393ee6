/* SPDX-License-Identifier: ISC */
/* Judges the plan of a statement: what it reads of the directory it must find by key. */
#ifndef POSTERN_PLAN_H
#define POSTERN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

struct plan {
	bool directory;    /* it reads something that is not in the schema oauth */
	const char *wrong; /* what costs more the larger the directory is, NULL: nothing */
	const char *todo;
};

/* Reads what "explain (verbose, format json)" says; to be given back by json_object_put. */
struct json_object *plan_read(const char *text);

/* The texts live as long as the tool. */
struct plan plan_judge(struct json_object *explained);

/* One column of what a query gives, counted from 0, is made of a table's column that another one is made of, too. */
bool plan_derives(struct json_object *explained, size_t what, size_t from);

/* The table's column that a column of what a query gives is; NULL: an expression. */
const char *plan_column(struct json_object *explained, size_t);

#endif
