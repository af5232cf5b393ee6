/* SPDX-License-Identifier: ISC */
/* Writes JSON (RFC 8259) into a buf as it comes: no tree is built.  Commas are its business. */
#ifndef POSTERN_JSON_H
#define POSTERN_JSON_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

struct json {
	struct buf *buf;
	bool comma;   /* the next value or key needs one before it */
};

void json_begin(struct json *, struct buf *);
void json_object(struct json *);
void json_object_end(struct json *);
void json_array(struct json *);
void json_array_end(struct json *);
void json_key(struct json *, const char *);
void json_string(struct json *, const char *);
void json_number(struct json *, int64_t);
/* A value that is JSON already: a number as PostgreSQL spelled it. */
void json_raw(struct json *, const char *);

/* A member with a string; nothing where the value is NULL. */
void json_member(struct json *, const char *key, const char *value);

/* A member with an array of words, which are separated by single spaces; nothing where there are none. */
void json_words(struct json *, const char *key, const char *words);

#endif
