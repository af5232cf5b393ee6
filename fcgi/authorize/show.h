/* SPDX-License-Identifier: ISC */
/* Shows where a sign-in stands: the login page, the consent page, or the answer that ends it. */
#ifndef POSTERN_SHOW_H
#define POSTERN_SHOW_H

#include "http/error.h"

struct browser;
struct request;
struct rows;

/* What the login page says of the last try. */
struct notice {
	int status;               /* of the page, should it be the login page */
	const char *message;      /* NULL: nothing */
	const char *username;     /* as it was typed, NULL: none */
};

/* The page of a kept authorization request: login while nobody is signed in, then consent.  In another browser than the one that it
 * belongs to, the request is taken over by a copy. */
enum err show_request(struct request *, const char *handle, const struct notice *);

/* The login page without any request: who signs in here goes on to the device page or to the home page. */
enum err show_login(struct request *, const struct notice *);

/* Sends the browser to the page of a kept request (handle NULL: to the home page). */
void show_redirect(struct request *, const char *handle);

/* Where a sign-in or sign-out goes on, as its form says: h is the handle of a kept request; to=device the page for user codes, with
 * user_code; else the home page. */
void show_onward(struct request *);
/* What such a form carries on: "device" or NULL, and a user code as people read it, or NULL. */
const char *show_to(const struct request *);
const char *show_user_code(struct request *);

/* Sends the browser to the page for user codes, or to the login before it.  code fills the form in, if it is a user code at all. */
void show_device(struct request *, const char *code);
void show_device_login(struct request *, const char *code);

/* A page was shown in the browser's session, which is good for longer then: the row says by seen_due whether that wants writing. */
void show_seen(struct request *, const struct rows *, const struct browser *);

/* The column sentence of all rows, as a list for a consent page: what the scopes allow. */
const char *const *show_sentences(struct request *, const struct rows *);

/* Logs a refusal that the page itself tells: its sentence, with the seconds to wait where there are some, as in Retry-After. */
const char *show_message(struct request *, enum err);

/* Logs a refusal that the client hears of, at its redirect_uri, and sends the browser there. */
enum err show_refusal(struct request *, const char *redirect_uri, const char *state, enum err);

#endif
