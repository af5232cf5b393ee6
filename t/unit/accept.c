/* SPDX-License-Identifier: ISC */
/* http/accept: which of two forms an Accept header chooses (RFC 9110 12.5.1). */
#include "config.h"

#include "http/accept.h"

#include "tap.h"

static const char *const offers[] = { "application/json", "text/vcard;version=4.0;charset=utf-8" };

enum { NONE = -1, JSON, VCARD };

static const struct {
	const char *header;
	int want;
} cases[] = {
	{ NULL, JSON },
	{ "*/*", JSON },
	{ "application/json", JSON },
	{ "text/vcard", VCARD },
	{ "TEXT/vCard", VCARD },
	{ "text/*", VCARD },
	{ "text/html, text/*;q=0.1", VCARD },
	{ "text/html", NONE },
	{ "text/vcar", NONE },
	{ "text/vcards", NONE },
	{ "textx/*", NONE },
	{ "application/*", JSON },
	{ "application/json, text/vcard", JSON },
	{ "text/vcard, application/json", JSON },
	{ "text/vcard, */*;q=0.5", VCARD },
	{ "text/vcard;q=0.4, */*;q=0.5", JSON },
	{ "*/*;q=0.5, text/vcard ; q=0.4", JSON },
	{ "application/json;q=0, */*", VCARD },
	{ "application/json;q=0.000, text/vcard;q=0", NONE },
	{ "*/*;q=0", NONE },
	{ "text/vcard;q=0.001", VCARD },
	{ "application/json;q=0.5, text/vcard;q=0.501", VCARD },
	{ "application/json;q=.2, text/vcard;q=.1", JSON },
	{ "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON },
	{ "text/vcard;version=4.0", VCARD },
	{ "text/vcard;version=\"4.0\"", VCARD },
	{ "text/vcard; VERSION=4.0; Charset=UTF-8", VCARD },
	{ "text/vcard;version=3.0", NONE },
	{ "text/vcard;version=3.0, application/json;q=0.1", JSON },
	{ "text/vcard;version=4.0;q=0.1, text/vcard;q=0.9, application/json;q=0.5", JSON },
	{ "text/vcard;q=0.9;ext=1, application/json;q=0.5", VCARD },
	{ "text/html;x=\"a,text/vcard\"", NONE },
	{ "text/html;x=\"a\\\",text/vcard", NONE },
	{ "text/vcard;q", NONE },
	{ "text/vcard;q=", VCARD },
	{ "text/vcard;q=x", VCARD },
	{ "text/vcard;;q=1", VCARD },
	{ ",,text/vcard,,", VCARD },
	{ " text/vcard\t", VCARD },
	{ ",", NONE },
	{ ";", NONE },
	{ "/", NONE },
	{ "text/", NONE },
	{ "\"", NONE },
	{ "\"\\", NONE },
};

int
main(void)
{
	size_t i;
	int got;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		got = accept_choose(cases[i].header, offers, 2);
		if (!ok(got == cases[i].want, "CT-7: Accept: %s", cases[i].header == NULL ? "(none)" : cases[i].header))
			printf("#      got: %d\n# expected: %d\n", got, cases[i].want);
	}
	ok(accept_choose(NULL, offers, 0) == NONE, "no offer");
	return tap_end();
}
