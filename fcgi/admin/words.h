/* SPDX-License-Identifier: ISC */
/* Lists of words, separated by single spaces, "" for none: scopes, resources, grants, redirect URIs.  What is made is the tool's. */
#ifndef POSTERN_WORDS_H
#define POSTERN_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The next word of *rest, which moves behind it, and its length; NULL where there is none any more. */
const char *words_next(const char **rest, size_t *ret_len);

bool words_have(const char *list, const char *word);

/* Every word of the one is in the other. */
bool words_within(const char *list, const char *all);

/* The list with the word at its end, unless it has it already; the list without it. */
const char *words_with(const char *list, const char *word);
const char *words_without(const char *list, const char *word);

#endif
