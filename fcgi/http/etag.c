/* SPDX-License-Identifier: ISC */
/* The ETag of an answer, made of what it says (RFC 9110 8.8.3, 13.1.2). */
#include "config.h"

#include "http/etag.h"

#include "base/arena.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "http/request.h"
#include "http/response.h"

enum { TAG_BYTES = 15, TAG_LEN = 20 };

static const char *
tag(const struct request *rq, const char *prefix)
{
	unsigned char digest[DIGEST_SIZE];
	char text[TAG_LEN + 1];

	digest_sha256(digest, rq->out.data, rq->out.len);
	text_base64url(text, digest, TAG_BYTES);
	return arena_printf(rq->arena, "%s\"%s\"", prefix, text);
}

bool
etag_known(struct request *rq, const char *text)
{
	if (!response_unchanged(rq, text))
		return false;
	rq->out.len = 0;
	return true;
}

bool
etag_unchanged(struct request *rq)
{
	return etag_known(rq, tag(rq, ""));
}

const char *
etag_weak(struct request *rq)
{
	return tag(rq, "W/");
}
