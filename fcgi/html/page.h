/* SPDX-License-Identifier: ISC */
/* What a person sees: the pages of this server, their headers, and errors as a page. */
#ifndef POSTERN_PAGE_H
#define POSTERN_PAGE_H

#include "html/template.h"
#include "http/error.h"

struct request;

enum page {
#define PAGE(name, file) PAGE_##name,
#include "html/pages.def"
#undef PAGE
	PAGE_COUNT
};

struct page_set {
	struct template *templates[PAGE_COUNT];
	const char *style;             /* the style sheet's text */
	size_t style_len;
	char style_tag[32];            /* its ETag */
};

/* Reads all pages of the folder; a mistake in one ends the process. */
const struct page_set *page_read(const char *folder);

/* Answers with a page.  target is where a form of it may lead beside ourselves (a redirect_uri, checked), or NULL: browsers apply
 * form-action to the redirect that follows, so the page has to allow that target's scheme. */
void page_send(struct request *, int status, enum page, const char *target, const struct template_value *, size_t n);

/* An error as a page, with the request's id for whoever has to look it up. */
void page_error(struct request *, enum err);

/* GET /style.css */
enum err page_style(struct request *);

#endif
