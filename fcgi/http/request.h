/* SPDX-License-Identifier: ISC */
/* One request: what came, checked; what goes back; and what the handlers need on the way. */
#ifndef POSTERN_REQUEST_H
#define POSTERN_REQUEST_H

#include <fcgiapp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/error.h"
#include "http/form.h"

struct db;
struct keyring;
struct page_set;
struct request;
struct route;
struct settings;

enum { BODY_MAX = 64 * 1024, HEADER_MAX = 8 * 1024 };

struct request;

/* What a program's handlers share, made once a worker. */
struct context {
	const struct settings *settings;
	struct arena *arena;
	struct db *db;
	const struct keyring *keyring;     /* NULL where the program has none */
	const struct keyring *device_keyring;     /* likewise */
	const struct page_set *pages;      /* NULL where the program has none */
	/* Scripts of the request's client run there; NULL where no route is for the clients' origins. */
	bool (*origin_allowed)(struct request *, const char *origin);
	const struct route *routes;        /* the last one has no path and answers for unknown paths */
	/* NULL, or has a look at each refusal before it is logged and told; its return value is the error then. */
	enum err (*refusing)(struct request *, enum err);
};

struct request {
	FCGX_Request *fcgx;
	const struct context *context;
	const struct settings *settings;
	struct arena *arena;
	struct db *db;
	const struct route *route;

	const char *id;                    /* nginx's, for log and answer */
	const char *method;                /* GET, HEAD, POST: HEAD is a GET whose body is not sent */
	const char *path;
	const char *rest;                  /* what follows the route's path, never empty: any bytes, maybe a secret; NULL: nothing may */
	const char *address;               /* of the client, or NULL (a Unix socket) */
	struct form query;
	struct form body;                  /* of a POST */
	const struct form *form;           /* where the parameters are: query, or body of a POST */

	struct {
		const char *client_id;             /* as it says itself */
		const char *slot, *digest;         /* of its access token */
	} asking;                          /* whose request it is, as far as that was read: texts for SQL, or NULL */

	const char *detail;                /* of the refusal, for the log */
	const char *parameter;             /* the one that the refusal is about, for the answer: a name of ours */
	const char *resource;              /* URI of the one that a token was refused for, where it is none of ours, or NULL */
	int64_t retry_after;               /* seconds, with 429 and 503 */

	int status;
	const char *vary;                  /* response_vary() */
	struct buf headers;
	struct buf out;                    /* the answer's body */
};

/* Reads the request and its body.  OK, or what is wrong with all of it; parameters have their own faults. */
enum err request_read(struct request *, const struct context *, FCGX_Request *);

/* A header of the request as CGI spells its name ("ORIGIN", "COOKIE"), NULL when it is missing, empty, or over HEADER_MAX. */
const char *request_header(const struct request *, const char *name);

/* What the location of nginx's configuration says in POSTERN_NAME, which no request can set; NULL when it says nothing. */
const char *request_location(const struct request *, const char *name);

/* A parameter of the query (GET) or of the body (POST); NULL when it is missing or empty. */
const char *param(const struct request *, const char *name);

/* The first of these parameters that has a fault, as a refusal; OK when none has. */
enum err param_faults(struct request *, const char *const *names);

bool request_is(const struct request *, const char *method);

/* The client's address for counting: an IPv6 address stands for its /64, no address is "local". */
const char *request_address_block(const struct request *);

/* Refuses the request: what the wire says is in error.def, the rest goes to the log.  Returns the error. */
enum err refuse(struct request *, enum err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same about one parameter, whose name the answer tells. */
enum err refuse_param(struct request *, enum err, const char *name);
/* The same where the value (NULL: none) tells more to the log: never that of a parameter which holds a secret. */
enum err refuse_value(struct request *, enum err, const char *name, const char *value);

#endif
