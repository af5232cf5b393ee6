/* SPDX-License-Identifier: ISC */
/* The answer's headers, and sending it. */
#ifndef POSTERN_RESPONSE_H
#define POSTERN_RESPONSE_H

#include <stdbool.h>

struct request;

/* Adds a header.  A value with a control character is a defect (nobody may split an answer) and ends the process. */
void response_header(struct request *, const char *name, const char *value);

/* The answer depends on these headers of the request, separated by ", ": one Vary names all of them. */
void response_vary(struct request *, const char *names);

/* A redirect that makes any method a GET (303): a 307 would carry a password on (RFC 9700 4.12). */
void response_redirect(struct request *, const char *location);

/* The client has what this ETag, with its quotes, is of (If-None-Match, by weak comparison: RFC 9110 13.1.2). */
bool response_matches(const struct request *, const char *tag);

/* Adds this ETag.  True where the client has that already: then the answer is 304 and has no body. */
bool response_unchanged(struct request *, const char *tag);

/* The reason phrase of a status (RFC 9110 15). */
const char *response_reason(int status);

/* Sends status, headers and body; of a HEAD only the body's length. */
void response_send(struct request *);

#endif
