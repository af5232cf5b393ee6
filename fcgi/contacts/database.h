/* SPDX-License-Identifier: ISC */
/* Which database the contacts come from, for marks of "sync". */
#ifndef POSTERN_DATABASE_H
#define POSTERN_DATABASE_H

#include "http/error.h"

struct request;

/* A text that changes when the database is another one, or was restored.  NULL where no marks are to be had: the directory has no log of
 * changes, or this server is a read replica.  It lives until the connection does; asked once a connection. */
enum err database_identity(struct request *, const char **ret);

#endif
