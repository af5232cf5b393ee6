/* SPDX-License-Identifier: ISC */
/* A contact as a vCard 4.0 (RFC 6350). */
#ifndef POSTERN_VCARD_H
#define POSTERN_VCARD_H

struct buf;

struct vcard {
	const char *uid;           /* the URI at which the contact is found, percent-encoded: no other card has it */
	const char *shown;         /* the name to show (FN): a card must have one */
	const char *nickname;      /* these, or NULL */
	const char *email;
	const char *phone;
	const char *updated_at;    /* RFC 3339, in UTC */
};

/* Adds the card. */
void vcard_write(struct buf *, const struct vcard *);

#endif
