/* SPDX-License-Identifier: ISC */
/* What a browser sees, path by path. */
#include "config.h"

#include <stddef.h>

#include "authorize/handlers.h"
#include "html/page.h"

const struct route authorize_routes[] = {
	{ "/authorize", GET | POST, authorize, page_error },
	{ "/login", GET | POST, login, page_error },
	{ "/consent", POST, consent, page_error },
	{ "/device", GET | POST, device, page_error },
	{ "/logout", POST, logout, page_error },
	{ "/", GET, home, page_error },
	{ "/style.css", GET, page_style, page_error },
	{ NULL, 0, NULL, page_error },
};
