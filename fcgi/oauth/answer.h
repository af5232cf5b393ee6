/* SPDX-License-Identifier: ISC */
/* The forms in which a machine hears of success or error. */
#ifndef POSTERN_ANSWER_H
#define POSTERN_ANSWER_H

#include "base/json.h"
#include "http/error.h"

struct request;

/* Starts a JSON answer in the request's output, with its Content-Type. */
void answer_json(struct request *, struct json *);

/* The JSON that stands in the output is for everybody, and good for an hour; or the client has it already. */
void answer_document(struct request *);

/* No cache may keep this answer (RFC 6749 5.1 wants both headers). */
void answer_no_store(struct request *);

/* The error's sentence, with the parameter's name where it is about one: what error_description holds. */
const char *answer_sentence(struct request *, enum err);

/* The error as JSON with error and error_description (RFC 6749 5.2); 401 challenges for Basic. */
void answer_oauth_error(struct request *, enum err);

/* The error of a bearer token's resource, likewise; what is sent without a code (RFC 6750 3.1) has a description alone.  The challenge
 * is bearer_challenge's. */
void answer_bearer_error(struct request *, enum err);

/* The error as problem+json (RFC 9457) with its code in error and at the end of type: an address at the contacts' host. */
void answer_problem(struct request *, enum err);

#endif
