/* SPDX-License-Identifier: ISC */
/* Which database the contacts come from, for marks of "sync". */
#ifndef POSTERN_DATABASE_H
#define POSTERN_DATABASE_H

#include "http/error.h"

struct request;

struct database {
	const char *identity;      /* changes when the database is another one, or was restored */
	const char *log_begins;    /* the transaction before which its log of changes knows nothing: marks of before have ended */
};

/* What the statement database.sql said over this connection.  NULL where no marks are to be had: the directory has no log of
 * changes, or this server is a read replica.  It lives until the connection does; asked once a connection. */
enum err database_look(struct request *, const struct database **ret);

/* The same, asked now: the log may begin later. */
enum err database_look_again(struct request *, const struct database **ret);

#endif
