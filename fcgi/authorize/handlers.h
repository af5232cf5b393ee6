/* SPDX-License-Identifier: ISC */
/* The endpoints that a browser sees, one file each; the table is routes.c. */
#ifndef POSTERN_AUTHORIZE_HANDLERS_H
#define POSTERN_AUTHORIZE_HANDLERS_H

#include "http/error.h"
#include "http/route.h"

struct request;

extern const struct route authorize_routes[];

enum err authorize(struct request *);    /* GET, POST /authorize */
enum err login(struct request *);        /* GET, POST /login */
enum err consent(struct request *);      /* POST /consent */
enum err device(struct request *);       /* GET, POST /device */
enum err logout(struct request *);       /* POST /logout */
enum err home(struct request *);         /* GET / */

/* The button of a form that asks for consent: "true" (allow) or "false" (deny) for SQL, NULL for anything else. */
const char *consent_decision(const struct request *);

#endif
