/* What secret_set.c finds and secret_replace.c replaces. */
#ifndef VAULT_REDACT_SECRET_SET_PRIVATE_H
#define VAULT_REDACT_SECRET_SET_PRIVATE_H

#include "redact/secret_set.h"

/* The length of the longest secret that is at text[at], or 0; of one that is
 * longer than SECRET_PATTERN_LENGTH, also of its start alone. */
size_t secret_set_match(struct secret_set *set, const char *text, size_t length, size_t at);

/* Whether the character can be part of a word, as those of \w. */
static inline bool secret_is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

#endif
