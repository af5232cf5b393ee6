/* SPDX-License-Identifier: ISC */
/* Redirect URIs: which may be registered (AZ-5), and the port that a native client may choose (AZ-4). */
#include "config.h"

#include "oauth/redirect_uri.h"

#include <string.h>

#include "base/arena.h"
#include "tap.h"

static void
registrable(void)
{
	static const char *const uris[] = {
		"https://app.example/back",
		"https://app.example",
		"https://app.example:8443/back?keep=1&x=%2F",
		"https://192.0.2.1/",
		"https://[2001:db8::1]:8443/back",
		"http://127.0.0.1/cb",
		"http://127.0.0.1:8080/cb",
		"http://[::1]:1/",
		"http://localhost",
		"http://localhost?x=1",
		"com.example.app:/cb",
		"com.example.app://cb/x",
		"com.example.app:cb",
	};
	struct arena *arena = arena_new(1 << 16);
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(uris) / sizeof(uris[0]); i++)
		ok(redirect_uri_registrable(arena, uris[i], &why), "may be registered: %s", uris[i]);
	arena_free(arena);
}

static void
refused(void)
{
	static const struct {
		const char *uri, *why;
	} uris[] = {
		{ "", "absolute" },
		{ "/back", "absolute" },
		{ "app.example/back", "absolute" },
		{ "//app.example/x:y", "absolute" },
		{ ":x", "\":x\"" },
		{ "https:app.example", "host" },
		{ "https:/app.example", "host" },
		{ "https://", "host" },
		{ "https:///back", "host" },
		{ "https://:443/", "host" },
		{ "https://?x", "host" },
		{ "https://[]/", "\"]/\"" },
		{ "https://[::1/", "\"/\"" },
		{ "https://[app.example]/", "example]" },
		{ "https://[v1.x]/", "host" },
		{ "https://[fe80::1%25eth0]/", "\"%25eth0]/\"" },
		{ "https://app%2eexample/", "host" },
		{ "https://app!example/", "host" },
		{ "https://app.example:x/", "\"/\"" },
		{ "https://app.example:/", "port" },
		{ "https://app.example:0/", "port" },
		{ "https://app.example:65536/", "port" },
		{ "https://app.example:4294967739/", "port" },
		{ "https://[::1]:0/", "port" },
		{ "https://[::1]443/", "\"443/\"" },
		{ "https://app.example/#", "fragment" },
		{ "https://app.example/back#x", "fragment" },
		{ "com.example.app:/cb#", "fragment" },
		{ "https://user@app.example/", "user" },
		{ "https://@app.example/", "user" },
		{ "https://user:pw@app.example/", "user" },
		{ "http://localhost@app.example/", "user" },
		{ "com.example.app://user@host/", "user" },
		{ "http://app.example/", "https" },
		{ "http://127.0.0.2/", "https" },
		{ "http://[::2]/", "https" },
		{ "http://[0:0:0:0:0:0:0:1]/", "https" },
		{ "http://localhost.app.example/", "https" },
		{ "http://127.0.0.1.app.example/", "https" },
		{ "http://LOCALHOST/", "https" },
		{ "HTTPS://app.example/", "scheme" },
		{ "ftp://app.example/", "scheme" },
		{ "javascript:alert(1)", "scheme" },
		{ "data:text/html,x", "scheme" },
		{ "myapp:/cb", "scheme" },
		{ "Com.example.app:/cb", "scheme" },
		{ "1com.example:/cb", "\":/cb\"" },
		{ ".example:/cb", "\":/cb\"" },
		{ "com_example.app:/cb", "\":/cb\"" },
		{ "https://app.example/a b", "\" b\"" },
		{ "https://app.example/\303\244", "\"\303\244\"" },
		{ "https://app.example/\n", "\"\n\"" },
		{ "https://app.example/\\", "\"\\\"" },
		{ "https://app.example/<", "\"<\"" },
		{ "https://app.example/\"", "\"\"\"" },
		{ "https://app.example/a[b]", "\"[b]\"" },
		{ "com.example.app:/a[b]", "\"[b]\"" },
		{ "https://app.example/%", "\"\"" },
		{ "https://app.example/%2", "\"\"" },
		{ "https://app.example/%zz", "\"zz\"" },
	};
	struct arena *arena = arena_new(1 << 16);
	const char *why;
	char text[1100] = "https://app.example/";
	size_t i;

	for (i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		why = "";
		ok(!redirect_uri_registrable(arena, uris[i].uri, &why) && strstr(why, uris[i].why) != NULL, "refused, as %s: case %zu",
		    why, i + 1);
	}
	memset(text + strlen(text), 'x', sizeof(text) - 1 - strlen(text));
	ok(!redirect_uri_registrable(arena, text, &why) && strstr(why, "1024") != NULL, "refused, as %s", why);
	arena_free(arena);
}

static void
portless(void)
{
	static const struct {
		const char *uri, *without;
	} uris[] = {
		{ "http://127.0.0.1:50123/cb", "http://127.0.0.1/cb" },
		{ "http://127.0.0.1/cb", "http://127.0.0.1/cb" },
		{ "http://[::1]:1/cb?x=1", "http://[::1]/cb?x=1" },
		{ "http://localhost:65535", "http://localhost" },
		{ "http://localhost:80?x", "http://localhost?x" },
		{ "http://localhost:0/cb", NULL },
		{ "http://localhost:65536/cb", NULL },
		{ "http://localhost:/cb", NULL },
		{ "http://localhost:80x/cb", NULL },
		{ "http://localhost:80@app.example/", NULL },
		{ "http://localhost:80:80/", NULL },
		{ "http://localhost:80/#x", NULL },
		{ "http://localhost:80/%", NULL },
		{ "http://[::1]:80x", NULL },
		{ "http:///cb", NULL },
		{ "http://", NULL },
		{ "http:localhost", NULL },
		{ "HTTP://localhost:80/", NULL },
		{ "http://app.example:80/cb", NULL },
		{ "http://localhost.app.example:80/", NULL },
		{ "https://localhost:80/cb", NULL },
		{ "com.example.app:/cb", NULL },
		{ "", NULL },
	};
	struct arena *arena = arena_new(1 << 16);
	const char *without;
	size_t i;

	for (i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		without = redirect_uri_portless(arena, uris[i].uri);
		ok(uris[i].without == NULL ? without == NULL : without != NULL && strcmp(without, uris[i].without) == 0,
		    "without its port %s is %s", uris[i].uri, without == NULL ? "nothing" : without);
	}
	arena_free(arena);
}

int
main(void)
{
	registrable();
	refused();
	portless();
	return tap_end();
}
