/* SPDX-License-Identifier: ISC */
/* Schemes and costs as a directory has them, out of which a name that nobody has is given one (SE-4).
 *
 * An attacker who knows the time that one scheme takes must not learn from it whether there is such an account.  So a name that
 * can't be right gets a scheme too, each as often as the directory has it, and the same one each time: the name draws it.  When the
 * mix changes, only so many names get another one as must. */
#ifndef POSTERN_PASSWORD_MIX_H
#define POSTERN_PASSWORD_MIX_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/digest.h"
#include "crypto/password.h"

enum { PASSWORD_MIX_MAX = 16 };

struct password_mix {
	size_t count;
	int64_t total;
	struct {
		char hash[PASSWORD_HASH_SIZE];
		int64_t accounts;
	} kinds[PASSWORD_MIX_MAX];
};

/* Adds a scheme with its cost, as a hash whose salt and digest say nothing, and how many accounts have it.  What could not be
 * computed, and what is one too many, is left out. */
void password_mix_add(struct password_mix *, const char *hash, int64_t accounts);

/* The one that is drawn by a name's HMAC, or NULL where the mix is empty. */
const char *password_mix_draw(const struct password_mix *, const unsigned char name[DIGEST_SIZE]);

#endif
