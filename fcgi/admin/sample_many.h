/* SPDX-License-Identifier: ISC */
/* Any number of sample people and contacts, to see how a large directory does. */
#ifndef POSTERN_SAMPLE_MANY_H
#define POSTERN_SAMPLE_MANY_H

#include <stdint.h>

/* How many there shall be in all; the ids' types. */
struct sample_many {
	int64_t people, contacts;
	const char *account_type, *contact_type;
};

/* The id of the nth person or contact, in the form that its type reads; tool memory. */
const char *sample_id(const char *type, int64_t n);

/* Adds people to the four of the sample, with that password hash, and gives contacts to those: a tenth of them to people with 100,000 each,
 * four tenths to people with 1000 each, the others to all the rest alike.  A part of the transaction that is open. */
void sample_many(const struct sample_many *, const char *password_hash);

#endif
