/* SPDX-License-Identifier: ISC */
/* Redirect URIs: which may be registered, and the one exception to comparing them as strings.
 *
 * RFC 3986: URI = scheme ":" [ "//" authority ] path [ "?" query ] [ "#" fragment ], authority = [ userinfo "@" ] host [ ":" port ]
 */
#include "config.h"

#include "oauth/redirect_uri.h"

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

enum { URI_MAX = 1024, HOST_MAX = 255, PORT_MAX = 5 };

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char SCHEME_SET[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
static const char HOST_SET[] = ALNUM "-._";
static const char ADDRESS_SET[] = "0123456789abcdefABCDEF:.";
static const char PATH_SET[] = ALNUM "-._~:/?@!$&'()*+,;=%";

static bool
wrong(const char **ret_why, const char *why)
{
	*ret_why = why;
	return false;
}

/* The length of a loopback host at the start of an authority, 0: another host. */
static size_t
loopback(const char *authority)
{
	static const char *const hosts[] = { "127.0.0.1", "[::1]", "localhost" };
	size_t i, n;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		n = strlen(hosts[i]);
		if (strncmp(authority, hosts[i], n) == 0 && strchr(":/?", authority[n]) != NULL)
			return n;
	}
	return 0;
}

/* The length of the host at the start of an authority: a name, an IPv4 address or [an IPv6 address]; 0: none. */
static size_t
host_len(const char *authority)
{
	size_t n;

	if (*authority != '[') {
		n = strspn(authority, HOST_SET);
		return n <= HOST_MAX ? n : 0;
	}
	n = strspn(authority + 1, ADDRESS_SET);
	return n >= 2 && authority[n + 1] == ']' ? n + 2 : 0;
}

/* ":" and a number from 1 to 65535, or nothing at all. */
static bool
is_port(const char *text, size_t len)
{
	char digits[PORT_MAX + 1] = "";
	int64_t port;

	if (len == 0)
		return true;
	if (*text != ':' || len > sizeof(digits))
		return false;
	memcpy(digits, text + 1, len - 1);
	return text_number(digits, 1, 65535, &port);
}

static bool
authority_registrable(const char *authority, const char **ret_why)
{
	size_t len = strcspn(authority, "/?"), host;

	if (memchr(authority, '@', len) != NULL)
		return wrong(ret_why, "it has a user name before its host");
	if ((host = host_len(authority)) == 0)
		return wrong(ret_why, "it has no host");
	if (!is_port(authority + host, len - host))
		return wrong(ret_why, "what follows its host is no port");
	return true;
}

static bool
characters_registrable(const char *uri, const char **ret_why)
{
	const char *p;

	if (strlen(uri) > URI_MAX)
		return wrong(ret_why, "it is longer than 1024 characters");
	if (strchr(uri, '#') != NULL)
		return wrong(ret_why, "it has a fragment (#)");
	for (p = uri; *p != '\0'; p++) {
		if (strchr(PATH_SET, *p) == NULL && *p != '[' && *p != ']')
			return wrong(ret_why, "it has a character that no URI has");
		if (*p == '%' && !(isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])))
			return wrong(ret_why, "a % in it is not followed by two hexadecimal digits");
	}
	return true;
}

/* Brackets stand around an IPv6 address and nowhere else. */
static bool
rest_registrable(const char *rest, const char **ret_why)
{
	return text_only(rest + strcspn(rest, "/?"), PATH_SET) ||
	    wrong(ret_why, "it has a bracket that does not belong to its host");
}

bool
redirect_uri_registrable(const char *uri, const char **ret_why)
{
	size_t scheme = strcspn(uri, ":/?");
	const char *rest = uri + scheme + 1;

	if (!characters_registrable(uri, ret_why))
		return false;
	if (uri[scheme] != ':' || scheme == 0)
		return wrong(ret_why, "it is not absolute");
	if (strncmp(uri, "https:", 6) == 0 || strncmp(uri, "http:", 5) == 0) {
		if (strncmp(rest, "//", 2) != 0)
			return wrong(ret_why, "it has no host");
		if (!authority_registrable(rest + 2, ret_why) || !rest_registrable(rest + 2, ret_why))
			return false;
		if (scheme == strlen("http") && loopback(rest + 2) == 0)
			return wrong(ret_why, "http is only for 127.0.0.1, [::1] and localhost; use https");
		return true;
	}
	if (strspn(uri, SCHEME_SET) < scheme || !islower((unsigned char)*uri) || memchr(uri, '.', scheme) == NULL)
		return wrong(ret_why, "its scheme is neither https nor a private one with a dot, as in com.example.app:");
	if (strncmp(rest, "//", 2) == 0 && memchr(rest + 2, '@', strcspn(rest + 2, "/?")) != NULL)
		return wrong(ret_why, "it has a user name before its host");
	return rest_registrable(rest, ret_why);
}

char *
redirect_uri_portless(struct arena *arena, const char *uri)
{
	const char *authority, *rest;
	size_t host, len;

	if (strncmp(uri, "http://", 7) != 0 || (host = loopback(authority = uri + 7)) == 0)
		return NULL;
	rest = authority + host;
	if (!is_port(rest, len = strcspn(rest, "/?#")))
		return NULL;
	return arena_printf(arena, "http://%.*s%s", (int)host, authority, rest + len);
}
