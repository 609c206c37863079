/* Functions shared by secret_set.c, which finds secrets, and secret_replace.c. */
#ifndef VAULT_REDACT_SECRET_SET_PRIVATE_H
#define VAULT_REDACT_SECRET_SET_PRIVATE_H

#include "base/ascii.h"
#include "redact/secret_set.h"

/* The length of the longest secret at text[at], or 0. Of a secret longer than SECRET_PATTERN_LENGTH
 * the start alone matches, too. */
size_t secret_set_match(struct secret_set *set, const char *text, size_t length, size_t at);

/* Whether the character is part of a word, as in \w. */
static inline bool secret_is_word(char c)
{
    return ascii_is_alphanumeric(c) || c == '_';
}

#endif
