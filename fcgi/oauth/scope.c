/* SPDX-License-Identifier: ISC */
/* The scope parameter (RFC 6749 3.3). */
#include "config.h"

#include "oauth/scope.h"

#include "oauth/opaque.h"

bool
scope_valid(const char *scope)
{
	char before = ' ';

	if (opaque_inside(scope))
		return false;
	for (; *scope != '\0'; before = *scope++) {
		if (*scope == ' ' && before == ' ')
			return false;
		if (*scope < ' ' || *scope > '~' || *scope == '"' || *scope == '\\')
			return false;
	}
	return before != ' ';
}
