/* SPDX-License-Identifier: ISC */
/* Memory that all workers of a program see. */
#include "config.h"

#include "server/shared.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>

#include "base/log.h"

/* What is not lock-free hides a lock, which a dying worker would keep. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_LONG_LOCK_FREE == 2, "there are no lock-free 64-bit atomics");

void *
shared_new(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		log_fatal(EX_OSERR, "out_of_memory", "error", strerror(errno), NULL);
	return p;
}
