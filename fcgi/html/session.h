/* SPDX-License-Identifier: ISC */
/* The two cookies of a browser: whose session it is, and, before anybody signed in, which browser it is.
 *
 * Cookies ignore ports, so other services of the host see ours and can set some of that name: what such a cookie holds finds no
 * row.  Each holds 256 random bits; the database has their SHA-256. */
#ifndef POSTERN_SESSION_H
#define POSTERN_SESSION_H

struct request;

struct browser {
	const char *session;       /* digest of the session's cookie for SQL, NULL: none or malformed */
	const char *browser;       /* digest of the browser's own cookie for SQL, NULL likewise */
};

/* Reads both cookies. */
void session_cookies(struct request *, struct browser *);

/* Gives the browser a cookie of its own if it has none. */
void session_know_browser(struct request *, struct browser *);

/* A new session's cookie: at login the id is always a new one.  The digest is for SQL; the value is given to the browser only when
 * the session is there. */
struct session_cookie {
	const char *value, *digest;
};
void session_new(struct request *, struct session_cookie *);
void session_give(struct request *, const struct session_cookie *);

/* Takes the session's cookie away. */
void session_forget(struct request *);

#endif
