/* SPDX-License-Identifier: ISC */
/* Redirect URIs: which may be registered, and the one exception to comparing them as strings.
 *
 * liburiparser knows RFC 3986: what it takes is a URI or a relative reference, nothing else.  The rules here are ours. */
#include "config.h"

#include "oauth/redirect_uri.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <uriparser/Uri.h>

#include "base/arena.h"
#include "base/text.h"

enum { URI_MAX = 1024, HOST_MAX = 255, PORT_MAX = 5 };

static const char SCHEME_SET[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
static const char HOST_SET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";

static size_t
len(UriTextRangeA part)
{
	return part.first == NULL ? 0 : (size_t)(part.afterLast - part.first);
}

static bool
is(UriTextRangeA part, const char *text)
{
	return part.first != NULL && len(part) == strlen(text) && memcmp(part.first, text, len(part)) == 0;
}

/* What follows the host, its bracket included: the port with its colon, or the path. */
static const char *
after_host(const UriUriA *u)
{
	return u->hostText.afterLast + (u->hostData.ip6 == NULL ? 0 : 1);
}

/* A name, an IPv4 or an IPv6 address; none of the form for addresses of the future, no escapes. */
static bool
has_host(const UriUriA *u)
{
	if (u->hostData.ip6 != NULL)
		return true;
	return u->hostData.ipFuture.first == NULL && len(u->hostText) > 0 && len(u->hostText) <= HOST_MAX &&
	    strspn(u->hostText.first, HOST_SET) >= len(u->hostText);
}

static bool
is_loopback(const UriUriA *u)
{
	return u->hostData.ip6 == NULL ? is(u->hostText, "127.0.0.1") || is(u->hostText, "localhost") : is(u->hostText, "::1");
}

/* A number from 1 to 65535, or no port at all. */
static bool
port_valid(const UriUriA *u)
{
	char digits[PORT_MAX + 1] = "";
	int64_t port;

	if (*after_host(u) != ':')
		return true;
	if (len(u->portText) > PORT_MAX)
		return false;
	memcpy(digits, after_host(u) + 1, len(u->portText));
	return text_number(digits, 1, 65535, &port);
}

/* NULL, or what speaks against a URI with this scheme and authority. */
static const char *
fault(const UriUriA *u)
{
	if (u->scheme.first == NULL)
		return "it is not absolute";
	if (u->fragment.first != NULL)
		return "it has a fragment (#)";
	if (u->userInfo.first != NULL)
		return "it has a user name before its host";
	if (!is(u->scheme, "https") && !is(u->scheme, "http"))
		return strspn(u->scheme.first, SCHEME_SET) >= len(u->scheme) && memchr(u->scheme.first, '.', len(u->scheme)) != NULL ?
		    NULL :
		    "its scheme is neither https nor a private one with a dot, as in com.example.app:";
	if (!has_host(u))
		return "it has no host, or one that is no name of letters, digits, \"-\", \"_\" and \".\" and no IP address";
	if (!port_valid(u))
		return "its port is no number from 1 to 65535";
	if (is(u->scheme, "http") && !is_loopback(u))
		return "http is only for 127.0.0.1, [::1] and localhost; use https";
	return NULL;
}

bool
redirect_uri_registrable(struct arena *arena, const char *uri, const char **ret_why)
{
	const char *why, *at;
	UriUriA u;

	if (strlen(uri) > URI_MAX)
		why = "it is longer than 1024 characters";
	else if (uriParseSingleUriA(&u, uri, &at) != URI_SUCCESS)
		why = arena_printf(arena, "RFC 3986 knows no URI that goes on with \"%s\"", at == NULL ? "" : at);
	else {
		why = fault(&u);
		uriFreeUriMembersA(&u);
	}
	if (why != NULL)
		*ret_why = why;
	return why == NULL;
}

char *
redirect_uri_portless(struct arena *arena, const char *uri)
{
	char *without = NULL;
	const char *host_end;
	UriUriA u;

	/* Most of what comes is https: it costs nothing here. */
	if (strncmp(uri, "http://", 7) != 0 || strlen(uri) > URI_MAX || uriParseSingleUriA(&u, uri, NULL) != URI_SUCCESS)
		return NULL;
	if (fault(&u) == NULL) {
		host_end = after_host(&u);
		without = arena_printf(arena, "%.*s%s", (int)(host_end - uri), uri,
		    *host_end == ':' ? u.portText.afterLast : host_end);
	}
	uriFreeUriMembersA(&u);
	return without;
}
