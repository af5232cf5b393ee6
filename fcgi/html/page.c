/* SPDX-License-Identifier: ISC */
/* What a person sees: the pages of this server, their headers, and errors as a page. */
#include "config.h"

#include "html/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "http/request.h"
#include "http/response.h"

enum { STYLE_MAX = 64 * 1024 };

static const char *const names[PAGE_COUNT] = {
#define PAGE(name, file) [PAGE_##name] = (file),
#include "html/pages.def"
#undef PAGE
};

static void
read_style(struct page_set *set, const char *folder)
{
	unsigned char digest[DIGEST_SIZE];
	char path[4096], *text;
	FILE *f;

	snprintf(path, sizeof(path), "%s/style.css", folder);
	if ((text = malloc(STYLE_MAX)) == NULL)
		log_fatal(EX_OSERR, "out_of_memory", NULL);
	if ((f = fopen(path, "re")) == NULL || (set->style_len = fread(text, 1, STYLE_MAX, f)) == STYLE_MAX)
		log_fatal(EX_CONFIG, "template", "file", path, "what", "it can't be read, or is too large", NULL);
	fclose(f);
	set->style = text;
	digest_sha256(digest, text, set->style_len);
	set->style_tag[0] = '"';
	text_base64url(set->style_tag + 1, digest, 15);
	set->style_tag[21] = '"';
}

const struct page_set *
page_read(const char *folder)
{
	struct page_set *set;
	int i;

	if ((set = calloc(1, sizeof(*set))) == NULL)
		log_fatal(EX_OSERR, "out_of_memory", NULL);
	for (i = 0; i < PAGE_COUNT; i++)
		set->templates[i] = template_read(folder, names[i]);
	read_style(set, folder);
	return set;
}

/* The source for form-action: the scheme of the target alone, for the client may redirect on to another host of its own. */
static const char *
form_action(struct request *rq, const char *target)
{
	if (target == NULL)
		return "'self'";
	return arena_printf(rq->arena, "'self' %.*s:", (int)strcspn(target, ":"), target);
}

void
page_send(struct request *rq, int status, enum page page, const char *target, const struct template_value *values, size_t n)
{
	rq->status = status;
	response_header(rq, "Content-Type", "text/html; charset=utf-8");
	response_header(rq, "Cache-Control", "no-store");
	response_header(rq, "Referrer-Policy", "no-referrer");
	response_header(rq, "X-Content-Type-Options", "nosniff");
	response_header(rq, "X-Frame-Options", "DENY");
	response_header(rq, "Content-Security-Policy", arena_printf(rq->arena,
	    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action %s",
	    form_action(rq, target)));
	template_write(rq->context->pages->templates[page], &rq->out, values, n);
}

void
page_error(struct request *rq, enum err e)
{
	const struct template_value values[] = {
		{ .name = "message", .text = error_sentence(e) },
		{ .name = "parameter", .text = rq->parameter },
		{ .name = "request_id", .text = rq->id },
	};

	page_send(rq, error_status(e), PAGE_ERROR, NULL, values, sizeof(values) / sizeof(values[0]));
}

enum err
page_style(struct request *rq)
{
	const struct page_set *set = rq->context->pages;

	response_header(rq, "Cache-Control", "public, max-age=300");
	if (response_unchanged(rq, set->style_tag))
		return OK;
	response_header(rq, "Content-Type", "text/css; charset=utf-8");
	response_header(rq, "X-Content-Type-Options", "nosniff");
	buf_add(&rq->out, set->style, set->style_len);
	return OK;
}
