/* SPDX-License-Identifier: ISC */
/* What can be wrong with a request: the names, statuses, codes and sentences of error.def. */
#include "config.h"

#include "http/error.h"

#include <stddef.h>
#include <strings.h>
#include <sysexits.h>

#include "base/log.h"

static const struct {
	const char *name;
	int status;
	const char *code;
	const char *sentence;
} table[] = {
	[OK] = { "OK", 200, NULL, "" },
#define ERROR(name, status, code, sentence) [ERR_##name] = { #name, status, code, sentence },
#include "http/error.def"
#undef ERROR
};

enum err
error_find(const char *name)
{
	int e;

	for (e = OK; e < ERR_END && name != NULL; e++) {
		if (strcasecmp(table[e].name, name) == 0)
			return (enum err)e;
	}
	return ERR_END;
}

enum err
error_named(const char *verdict)
{
	enum err e = error_find(verdict);

	if (e != ERR_END)
		return e;
	log_fatal(EX_SOFTWARE, "defect", "what", "a verdict that error.def does not know", "verdict", verdict, NULL);
}

int
error_status(enum err e)
{
	return table[e].status;
}

const char *
error_code(enum err e)
{
	return table[e].code;
}

const char *
error_sentence(enum err e)
{
	return table[e].sentence;
}

const char *
error_name(enum err e)
{
	return table[e].name;
}
