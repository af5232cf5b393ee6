/* SPDX-License-Identifier: ISC */
/* The ETag of an answer, made of what it says (RFC 9110 8.8.3, 13.1.2). */
#ifndef POSTERN_ETAG_H
#define POSTERN_ETAG_H

#include <stdbool.h>

struct request;

/* Adds the ETag of the output: its SHA-256, and so a strong one.  True where the client has that already: then the answer is
 * 304, and its body is gone. */
bool etag_unchanged(struct request *);

/* The same in two steps, for an answer of which a part changes each time and says the same: the tag of what stands in the output
 * now, weak; then, when the rest stands there, too, the answer to If-None-Match. */
const char *etag_weak(struct request *);
bool etag_known(struct request *, const char *tag);

#endif
