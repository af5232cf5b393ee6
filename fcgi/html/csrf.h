/* SPDX-License-Identifier: ISC */
/* Our own forms: a token that ties a form to its browser, its request and its time, and the origin it was sent from. */
#ifndef POSTERN_CSRF_H
#define POSTERN_CSRF_H

#include "http/error.h"

struct request;

/* The token of a form: HMAC over the path that it is sent to, the digest of the cookie that it belongs to, the handle of its
 * authorization request (NULL: none) and its time (seconds of the database's clock, as text). */
const char *csrf_token(struct request *, const char *path, const char *cookie_digest, const char *handle, const char *form_time);

/* A posted form: its parameters h, t and csrf belong together, to this path and this cookie, and no other site sent it: else
 * ERR_FORM_FORGED.  Whether its time is too long ago is for the statement to judge: the database's clock counts. */
enum err csrf_check(struct request *, const char *cookie_digest);

#endif
