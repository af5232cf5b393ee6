/* SPDX-License-Identifier: ISC */
/* The statements of the programs (made from their .sql files), for the tool that tries them; after the last comes one without name. */
#ifndef POSTERN_STATEMENTS_H
#define POSTERN_STATEMENTS_H

#include "db/db.h"

extern const struct statement authorize_statements[];
extern const struct statement token_statements[];
extern const struct statement contacts_statements[];

#endif
