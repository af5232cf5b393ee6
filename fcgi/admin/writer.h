/* SPDX-License-Identifier: ISC */
/* The writers of the three formats: what their readers read. */
#ifndef POSTERN_WRITER_H
#define POSTERN_WRITER_H

#include "admin/record.h"

struct buf;

/* CSV begins with the names of those columns. */
void csv_write_header(struct buf *, unsigned columns);

/* Each adds a record. */
void csv_write(struct buf *, const struct shape *, const struct record *);
void jsonl_write(struct buf *, const struct shape *, const struct record *);
void card_write(struct buf *, const struct shape *, const struct record *);

#endif
