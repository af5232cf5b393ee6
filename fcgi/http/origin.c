/* SPDX-License-Identifier: ISC */
/* An origin as a browser spells it (RFC 6454 6.2): scheme://host[:port].  (No underscore: so none of our secrets is one.) */
#include "config.h"

#include "http/origin.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum { HOST_MAX = 253, PORT_MAX = 5 };

static const char NAME_SET[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
static const char ADDRESS_SET[] = "abcdef0123456789:.";

static bool
wrong(const char **ret_why, const char *why)
{
	*ret_why = why;
	return false;
}

/* The length of a host's name or address, 0: none. */
static size_t
host_len(const char *host)
{
	size_t n;

	if (*host != '[') {
		n = strspn(host, NAME_SET);
		return n <= HOST_MAX ? n : 0;
	}
	n = strspn(host + 1, ADDRESS_SET);
	return n >= 2 && n <= HOST_MAX && host[n + 1] == ']' ? n + 2 : 0;
}

static bool
loopback(const char *host, size_t len)
{
	static const char *const hosts[] = { "127.0.0.1", "[::1]", "localhost" };
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		if (strlen(hosts[i]) == len && strncmp(hosts[i], host, len) == 0)
			return true;
	}
	return false;
}

/* ":" and a number without leading zero, but not the scheme's own, which browsers leave out; or nothing. */
static bool
port_valid(const char *text, int64_t own)
{
	int64_t port;

	if (*text == '\0')
		return true;
	return *text == ':' && text[1] != '0' && strlen(text) <= 1 + PORT_MAX && text_number(text + 1, 1, 65535, &port) &&
	    port != own;
}

bool
origin_valid(const char *origin, const char **ret_why)
{
	bool https = strncmp(origin, "https://", 8) == 0;
	const char *host;
	size_t len;

	if (!https && strncmp(origin, "http://", 7) != 0)
		return wrong(ret_why, "it begins neither with https:// nor with http://");
	host = strchr(origin, ':') + 3;
	if ((len = host_len(host)) == 0)
		return wrong(ret_why, "it has no host, in small letters");
	if (!https && !loopback(host, len))
		return wrong(ret_why, "http is only for 127.0.0.1, [::1] and localhost; use https");
	if (!port_valid(host + len, https ? 443 : 80))
		return wrong(ret_why, "after its host there is nothing but a port, and none where it is the scheme's own");
	return true;
}
