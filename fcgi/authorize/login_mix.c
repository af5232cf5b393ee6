/* SPDX-License-Identifier: ISC */
/* With what passwords are hashed here: the directory's own mix of schemes and costs, read now and then and kept by the worker. */
#include "config.h"

#include "authorize/login_mix.h"

#include <string.h>

#include "authorize_sql.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/keyring.h"
#include "crypto/password_mix.h"
#include "db/db.h"
#include "http/request.h"

/* Until it is read again, and after a failure. */
enum { FRESH_MS = 10 * 60 * 1000, AGAIN_MS = 60 * 1000 };

static struct password_mix mix;
static bool rehashes;
static int64_t fresh_until;

static void
read_mix(struct request *rq)
{
	const struct rows *rows = db_execute(rq->db, rq->arena, SQL_LOGIN_MIX, NULL, 0);
	const char *accounts, *setting;
	int64_t n;
	size_t i;

	fresh_until = clock_ms() + (rows == NULL ? AGAIN_MS : FRESH_MS);
	if (rows == NULL) {
		log_event(LOG_WARN, "password_mix_unread", "id", rq->id, "detail", db_error(rq->db), NULL);
		return;
	}
	memset(&mix, 0, sizeof(mix));
	rehashes = row_bool(rows, "rehashes");
	for (i = 0; i < rows_count(rows); i++) {
		setting = rows_get(rows, i, "setting");
		accounts = rows_get(rows, i, "accounts");
		if (setting != NULL && text_number(accounts, 1, INT64_MAX / 1024, &n))
			password_mix_add(&mix, setting, n);
	}
}

const char *
login_mix_decoy(struct request *rq, const char *folded_name)
{
	unsigned char key[KEY_SIZE], name[DIGEST_SIZE];

	if (clock_left(fresh_until) == 0)
		read_mix(rq);
	key_derive(key, keyring_active(rq->context->keyring), "login-mix");
	digest_hmac(name, key, folded_name, strlen(folded_name));
	return password_mix_draw(&mix, name);
}

bool
login_mix_rehashes(void)
{
	return rehashes;
}
