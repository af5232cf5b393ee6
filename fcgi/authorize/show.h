/* SPDX-License-Identifier: ISC */
/* Shows where a sign-in stands: the login page, the consent page, or the answer that ends it. */
#ifndef POSTERN_SHOW_H
#define POSTERN_SHOW_H

#include "http/error.h"

struct request;

/* What the login page says of the last try. */
struct notice {
	int status;               /* of the page, should it be the login page */
	const char *message;      /* NULL: nothing */
	const char *username;     /* as it was typed, NULL: none */
};

/* The page of a kept authorization request: login while nobody is signed in, then consent.  In another browser than the one that it
 * belongs to, the request is taken over by a copy. */
enum err show_request(struct request *, const char *handle, const struct notice *);

/* The login page without any request: who signs in here goes to the home page. */
enum err show_login(struct request *, const struct notice *);

/* Sends the browser to the page of a kept request (handle NULL: to the home page). */
void show_redirect(struct request *, const char *handle);

/* Logs a refusal that the client hears of, at its redirect_uri, and sends the browser there. */
enum err show_refusal(struct request *, const char *redirect_uri, const char *state, enum err);

#endif
