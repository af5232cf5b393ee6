/* SPDX-License-Identifier: ISC */
/* What can be wrong with a request: the names, statuses, codes and sentences of error.def. */
#ifndef POSTERN_ERROR_H
#define POSTERN_ERROR_H

/* 0 is no value on purpose: a result that nobody set is neither OK nor an error. */
enum err {
	OK = 1,
#define ERROR(name, status, code, sentence) ERR_##name,
#include "http/error.def"
#undef ERROR
	ERR_END
};

/* A verdict of SQL ("ok", "invalid_grant") as a value; one that error.def doesn't know ends the process. */
enum err error_named(const char *verdict);

/* The same of a name in a log, which may be another version's: ERR_END where there is none (or NULL). */
enum err error_find(const char *name);

int error_status(enum err);
/* The code on the wire, or NULL (RFC 6750 3.1: no code where no token was sent). */
const char *error_code(enum err);
const char *error_sentence(enum err);
/* The name in error.def, in capitals: for the log. */
const char *error_name(enum err);

#endif
