/* SPDX-License-Identifier: ISC */
/* Cookies (RFC 6265): one value of the Cookie header, and a Set-Cookie of ours. */
#ifndef POSTERN_COOKIE_H
#define POSTERN_COOKIE_H

struct request;

/* The value of a cookie as it came, or NULL: who knows its form checks it. */
const char *cookie_get(struct request *, const char *name);

/* Sets a cookie of the browser's session: __Host- (Secure, Path=/, no Domain), HttpOnly, SameSite=Lax. */
void cookie_set(struct request *, const char *name, const char *value);
void cookie_clear(struct request *, const char *name);

#endif
