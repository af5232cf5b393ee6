/* SPDX-License-Identifier: ISC */
/* Rows of a result: how db.c makes them of libpq's; what is read from them is in db.h. */
#ifndef POSTERN_ROWS_H
#define POSTERN_ROWS_H

#include <libpq-fe.h>

struct arena;

/* The result belongs to the arena from now on. */
struct rows *rows_new(struct arena *, PGresult *);

#endif
