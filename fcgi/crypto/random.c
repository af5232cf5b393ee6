/* SPDX-License-Identifier: ISC */
/* Random bytes that nobody can guess. */
#include "config.h"

#include "crypto/random.h"

#include <limits.h>
#include <openssl/rand.h>
#include <sysexits.h>

#include "base/log.h"

void
random_bytes(unsigned char *out, size_t n)
{
	if (n > INT_MAX || RAND_priv_bytes(out, (int)n) != 1)
		log_fatal(EX_OSERR, "random", "what", "no random bytes", NULL);
}
