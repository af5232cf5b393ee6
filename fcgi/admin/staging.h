/* SPDX-License-Identifier: ISC */
/* The way of records into the database: all of them into a temporary table by COPY, where it is judged what becomes of each; then
 * those that make a difference, in batches. */
#ifndef POSTERN_STAGING_H
#define POSTERN_STAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/record.h"

struct staging_counts {
	int64_t bad;       /* lines that only the database could tell to be so */
	int64_t fresh, changed, same;
	int64_t last;      /* the greatest number of a line in the order of writing */
};

/* Makes the temporary table for people or for contacts. */
void staging_begin(bool contacts);

/* Adds a good record.  owner_id: whose contact it is, NULL: the record says it. */
void staging_add(const struct record *, const char *owner_id);

/* After the last one: what becomes of them. */
struct staging_counts staging_judge(void);

/* Tells the first bad ones, as many as wanted. */
void staging_bad(int64_t wanted, void (*tell)(int64_t line, const char *why));

/* Writes the audit's line, then the new and the changed ones, in transactions of some thousand lines, or (whole) in one.  Returns how
 * many were written: fewer than counted where somebody else changed the same meanwhile. */
int64_t staging_write(const struct staging_counts *, bool whole, const char *owner_id, const char *detail);

#endif
