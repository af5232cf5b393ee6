/* SPDX-License-Identifier: ISC */
/* POST /token: the token endpoint (RFC 6749 3.2); each grant type has its own file. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/answer.h"
#include "oauth/client_auth.h"
#include "token/handlers.h"

static const struct {
	const char *type;
	enum err (*grant)(struct request *, const struct client_auth *);
} grants[] = {
	{ "authorization_code", token_code },
	{ "client_credentials", token_client },
	{ "refresh_token", token_refresh },
	{ "urn:ietf:params:oauth:grant-type:device_code", token_device },
};

void
token_reply(struct request *rq, const struct rows *rows, const char *access_token, const char *refresh_token)
{
	struct json json;

	answer_no_store(rq);
	answer_json(rq, &json);
	json_object(&json);
	json_member(&json, "access_token", access_token);
	json_member(&json, "token_type", "Bearer");
	json_key(&json, "expires_in");
	json_number(&json, row_number(rows, "expires_in"));
	json_member(&json, "refresh_token", refresh_token);
	json_member(&json, "scope", row_text(rows, "scope"));
	json_object_end(&json);
}

const char *
token_grant_types(struct arena *arena)
{
	struct buf words;
	size_t i;

	buf_init(&words, arena, 128);
	for (i = 0; i < sizeof(grants) / sizeof(grants[0]); i++) {
		if (i > 0)
			buf_char(&words, ' ');
		buf_str(&words, grants[i].type);
	}
	return words.data;
}

enum err
token(struct request *rq)
{
	static const char *const names[] = { "grant_type", NULL };
	const char *type = param(rq, "grant_type");
	struct client_auth client;
	size_t i;
	enum err e;

	if ((e = param_faults(rq, names)) != OK || (e = client_auth_read(&client, rq)) != OK)
		return e;
	if (type == NULL)
		return refuse_param(rq, ERR_MISSING_PARAMETER, "grant_type");
	for (i = 0; i < sizeof(grants) / sizeof(grants[0]); i++) {
		if (strcmp(grants[i].type, type) == 0)
			return grants[i].grant(rq, &client);
	}
	return refuse(rq, ERR_UNSUPPORTED_GRANT_TYPE, "grant_type is %s", type);
}
