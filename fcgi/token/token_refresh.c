/* SPDX-License-Identifier: ISC */
/* grant_type=refresh_token: a refresh token for an access token and, where they rotate, for its successor (RFC 6749 6).
 *
 * The successor is random, and the database has its digest alone.  So that a client that lost the answer gets the same one again, it
 * is kept sealed with a key made of the server's key and of the token that was sent: neither the database nor the server's key
 * opens it without that token. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/keyring.h"
#include "crypto/seal.h"
#include "db/db.h"
#include "http/request.h"
#include "oauth/client_auth.h"
#include "oauth/opaque.h"
#include "oauth/resource.h"
#include "oauth/scope.h"
#include "oauth/verdict.h"
#include "server/settings.h"
#include "token/handlers.h"
#include "token_sql.h"

enum { SEALED = OPAQUE_RANDOM + SEAL_OVERHEAD };

/* The key for what is sealed for the bearer of this token. */
static void
successor_key(unsigned char out[KEY_SIZE], const struct key *key, const struct opaque *presented)
{
	static const char info[] = "postern refresh-successor";
	unsigned char both[KEY_SIZE + OPAQUE_RANDOM];

	memcpy(both, key->secret, KEY_SIZE);
	memcpy(both + KEY_SIZE, presented->random, OPAQUE_RANDOM);
	digest_hkdf(out, KEY_SIZE, both, sizeof(both), info, sizeof(info) - 1);
	explicit_bzero(both, sizeof(both));
}

static const char *
seal_successor(struct request *rq, const struct opaque_new *successor, const struct opaque *presented)
{
	unsigned char key[KEY_SIZE], sealed[SEALED];

	successor_key(key, keyring_active(rq->context->keyring), presented);
	seal_close(sealed, key, successor->random, OPAQUE_RANDOM);
	explicit_bzero(key, sizeof(key));
	return text_bytea(rq->arena, sealed, sizeof(sealed));
}

/* The successor that an earlier request was given for this same token; NULL when the key that sealed it is gone. */
static const char *
open_successor(struct request *rq, const struct rows *rows, const struct opaque *presented)
{
	const struct key *server = keyring_find(rq->context->keyring, row_text(rows, "key_id"));
	unsigned char key[KEY_SIZE], sealed[SEALED], random[OPAQUE_RANDOM];
	struct opaque_new successor;
	struct opaque unused;
	bool good;

	if (server == NULL || !text_unbytea(sealed, sizeof(sealed), row_text(rows, "successor")))
		return NULL;
	successor_key(key, server, presented);
	good = seal_open(random, key, sealed, OPAQUE_RANDOM);
	explicit_bzero(key, sizeof(key));
	if (!good)
		return NULL;
	opaque_follow(&successor, &unused, rq->arena, presented, random);
	explicit_bzero(random, sizeof(random));
	return opaque_spell(&successor, rq->arena, NULL);
}

static enum err
exchange(struct request *rq, const struct client_auth *client, const struct opaque *presented, const char *resources)
{
	const struct key *active = keyring_active(rq->context->keyring);
	struct opaque_new access_new, successor_new;
	struct opaque access, successor;
	const char *refresh = NULL;
	const struct rows *rows;
	enum err e;

	opaque_make(&access_new, &access, rq->arena, OPAQUE_ACCESS);
	opaque_follow(&successor_new, &successor, rq->arena, presented, NULL);
	rows = db_rows(rq->db, rq->arena, SQL_TOKEN_REFRESH, client->client_id, client->secret_digest, client->method,
	    presented->locator, presented->digest, successor.digest, seal_successor(rq, &successor_new, presented), active->id,
	    access.digest, text_decimal(rq->arena, rq->settings->access_seconds), rq->address, rq->id, param(rq, "scope"),
	    resources, text_decimal(rq->arena, rq->settings->refresh_grace_seconds));
	if ((e = verdict(rq, rows)) != OK)
		return e;
	if (row_bool(rows, "rotated"))
		refresh = opaque_spell(&successor_new, rq->arena, NULL);
	else if (row_text(rows, "successor") != NULL && (refresh = open_successor(rq, rows, presented)) == NULL)
		return refuse(rq, ERR_SERVER_ERROR, "the key that sealed a successor is not in the keyring any more");
	token_reply(rq, rows, opaque_spell(&access_new, rq->arena, row_text(rows, "slot")), refresh);
	return OK;
}

enum err
token_refresh(struct request *rq, const struct client_auth *client)
{
	static const char *const names[] = { "refresh_token", "scope", NULL };
	struct opaque presented;
	const char *resources;
	enum err e;

	if ((e = param_faults(rq, names)) != OK)
		return e;
	if (param(rq, "refresh_token") == NULL)
		return refuse_param(rq, ERR_MISSING_PARAMETER, "refresh_token");
	if (param(rq, "scope") != NULL && !scope_valid(param(rq, "scope")))
		return refuse_value(rq, ERR_INVALID_SCOPE, "scope", param(rq, "scope"));
	if ((e = resource_names(rq, &resources)) != OK)
		return e;
	opaque_parse(&presented, rq->arena, OPAQUE_REFRESH, param(rq, "refresh_token")); /* malformed: refused after the client */
	return exchange(rq, client, &presented, resources);
}
