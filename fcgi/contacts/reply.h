/* SPDX-License-Identifier: ISC */
/* What the answers of /contacts and /contacts/ID have in common. */
#ifndef POSTERN_REPLY_H
#define POSTERN_REPLY_H

#include "http/error.h"

struct query;
struct request;
struct rows;

/* OK, or the error that the statement's first row names.  From here on the client is known, if the token was one. */
enum err reply_verdict(struct request *, const struct rows *);

/* Sends what stands in the output, or says that the client has it already.  tag: of etag_weak, NULL: all of the output says the
 * same each time. */
void reply_send(struct request *, const struct query *, const char *tag);

#endif
