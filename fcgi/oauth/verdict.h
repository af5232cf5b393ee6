/* SPDX-License-Identifier: ISC */
/* What a deciding statement said. */
#ifndef POSTERN_VERDICT_H
#define POSTERN_VERDICT_H

#include "http/error.h"

struct request;
struct rows;

/* OK, or the error that the first row's verdict names, with its detail for the log.  No result (NULL) is a 503 when PostgreSQL can't
 * be asked now, else a 500. */
enum err verdict(struct request *, const struct rows *);

#endif
