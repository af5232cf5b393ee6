/* SPDX-License-Identifier: ISC */
/* With what passwords are hashed here: the directory's own mix of schemes and costs, read now and then and kept by the worker. */
#ifndef POSTERN_LOGIN_MIX_H
#define POSTERN_LOGIN_MIX_H

#include <stdbool.h>

struct request;

/* The hash that costs what one of the directory does, always the same for a name (SE-4): for what can't be right.  NULL: nothing is
 * known of the directory.  To be asked before anything is known of the name. */
const char *login_mix_decoy(struct request *, const char *folded_name);

/* An old hash may be replaced by one of password_hash's. */
bool login_mix_rehashes(void);

#endif
