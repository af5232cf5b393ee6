/* SPDX-License-Identifier: ISC */
/* A line of a vCard (RFC 6350 3). */
#ifndef POSTERN_CONTENTLINE_H
#define POSTERN_CONTENTLINE_H

struct buf;

/* Adds a line: name as it stands, all up to the colon and with it (under 75 bytes), and the text, escaped and folded.  Nothing where
 * text is NULL. */
void contentline(struct buf *, const char *name, const char *text);

#endif
