/* SPDX-License-Identifier: ISC */
/* POST /device_authorization: a device asks for a code that a person types elsewhere (RFC 8628 3.1, 3.2). */
#include "config.h"

#include <stddef.h>

#include "base/arena.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/answer.h"
#include "oauth/client_auth.h"
#include "oauth/opaque.h"
#include "oauth/resource.h"
#include "oauth/scope.h"
#include "oauth/user_code.h"
#include "oauth/verdict.h"
#include "server/settings.h"
#include "token/handlers.h"
#include "token_sql.h"

/* Ten minutes are enough for a telephone and a password, and not long for whoever sends his own code to another (5.4). */
#define LIFE "600"
#define INTERVAL "5"

/* Of 2.56e10 codes a taken one is drawn once in a while; three in a row mean that there are far too many rows. */
enum { TRIES = 3 };

static void
reply(struct request *rq, const char *device_code, const char *user_code)
{
	const char *uri = arena_printf(rq->arena, "%s/device", rq->settings->issuer);
	const char *spelt = user_code_spell(rq->arena, user_code);
	struct json json;

	answer_no_store(rq);
	answer_json(rq, &json);
	json_object(&json);
	json_member(&json, "device_code", device_code);
	json_member(&json, "user_code", spelt);
	json_member(&json, "verification_uri", uri);
	json_member(&json, "verification_uri_complete", arena_printf(rq->arena, "%s?user_code=%s", uri, spelt));
	json_key(&json, "expires_in");
	json_raw(&json, LIFE);
	json_key(&json, "interval");
	json_raw(&json, INTERVAL);
	json_object_end(&json);
}

static enum err
keep(struct request *rq, const struct client_auth *client, const char *resources)
{
	const struct keyring *ring = rq->context->device_keyring;
	const char *user_code = NULL;
	struct opaque_new new;
	struct opaque code;
	enum err e = ERR_USER_CODE_TAKEN;
	int i;

	opaque_make(&new, &code, rq->arena, OPAQUE_DEVICE);
	for (i = 0; e == ERR_USER_CODE_TAKEN && i < TRIES; i++) {
		user_code = user_code_new(rq->arena);
		e = verdict(rq, db_rows(rq->db, rq->arena, SQL_DEVICE_AUTHORIZATION, client->client_id, client->secret_digest,
		    client->method, param(rq, "scope"), resources, code.digest, user_code_mac(rq->arena, ring, user_code),
		    user_code_macs(rq->arena, ring, user_code), LIFE, INTERVAL));
	}
	if (e == OK)
		reply(rq, opaque_spell(&new, rq->arena, NULL), user_code);
	return e;
}

enum err
device_authorization(struct request *rq)
{
	static const char *const names[] = { "scope", NULL };
	struct client_auth client;
	const char *resources;
	enum err e;

	if ((e = param_faults(rq, names)) != OK || (e = client_auth_read(&client, rq)) != OK)
		return e;
	if (param(rq, "scope") != NULL && !scope_valid(param(rq, "scope")))
		return refuse_value(rq, ERR_INVALID_SCOPE, "scope", param(rq, "scope"));
	if ((e = resource_names(rq, &resources)) != OK)
		return e;
	return keep(rq, &client, resources);
}
