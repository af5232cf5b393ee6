/* SPDX-License-Identifier: ISC */
/* Memory that all workers of a program see: counts of a client's requests, what is known of a statement that hangs.
 *
 * Any of them may die between any two instructions, so nothing in it is ever locked: it holds 64-bit atomics, and each change of one
 * leaves it whole.  It ends with the program; another host, and the program that follows at a reload, have their own. */
#ifndef POSTERN_SHARED_H
#define POSTERN_SHARED_H

#include <stddef.h>

/* So many bytes of zeros, for as long as the process lives.  To be called in the parent, before it forks (program.h: share); the process
 * ends (EX_OSERR) where there is no memory.  A page that nobody writes to costs none. */
void *shared_new(size_t bytes);

#endif
