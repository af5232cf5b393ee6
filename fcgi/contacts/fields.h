/* SPDX-License-Identifier: ISC */
/* The members of a contact, and the parameter fields, which chooses among them. */
#ifndef POSTERN_FIELDS_H
#define POSTERN_FIELDS_H

#include <stdbool.h>

struct arena;

/* In the order in which an answer has them. */
enum field { FIELD_ID, FIELD_USERNAME, FIELD_NAME, FIELD_EMAIL, FIELD_PHONE, FIELD_UPDATED_AT, FIELDS };

/* A set of them has the bit 1 << FIELD_X for each; the id is in every set but the empty one, which means that none were named. */
enum { FIELDS_NONE = 0, FIELDS_SHORT = 1 << FIELD_ID | 1 << FIELD_USERNAME, FIELDS_ALL = (1 << FIELDS) - 1 };

/* Their names: members, columns, words of the parameter. */
extern const char *const fields_names[FIELDS];

/* Reads the parameter: names separated by commas.  False for unknown and repeated ones. */
bool fields_parse(const char *text, unsigned int *ret_set);

/* A set that is not empty, spelled as the parameter. */
const char *fields_spell(struct arena *, unsigned int set);

#endif
