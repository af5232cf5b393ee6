/* SPDX-License-Identifier: ISC */
/* What both echoes answer: BENCH_SIZE bytes, a parameter that nginx sends, with the headers of an endpoint; 204 where there is none. */
#ifndef POSTERN_ECHO_H
#define POSTERN_ECHO_H

#include <fcgiapp.h>
#include <stdlib.h>
#include <string.h>

enum { ECHO_MAX = 1024 * 1024 };

static inline void
echo_answer(FCGX_Request *r)
{
	static char bytes[ECHO_MAX], body[4096];
	const char *asked = FCGX_GetParam("BENCH_SIZE", r->envp);
	long size = asked == NULL ? 0 : strtol(asked, NULL, 10);

	if (size < 0 || size > ECHO_MAX)
		size = 0;
	if (bytes[0] == '\0')
		memset(bytes, 'x', sizeof(bytes));
	while (FCGX_GetStr(body, sizeof(body), r->in) > 0)
		continue;
	if (size == 0) {
		FCGX_PutS("Status: 204 No Content\r\nCache-Control: no-store\r\n\r\n", r->out);
		return;
	}
	FCGX_FPrintF(r->out, "Status: 200 OK\r\nContent-Type: application/json\r\nCache-Control: private, no-store\r\n"
	    "Content-Length: %ld\r\n\r\n", size);
	FCGX_PutStr(bytes, (int)size, r->out);
}

#endif
