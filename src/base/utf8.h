/* UTF-8 as defined in RFC 3629: at most U+10FFFF, no surrogates, no overlong forms. */
#ifndef VAULT_BASE_UTF8_H
#define VAULT_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* U+FFFD, which replaces invalid bytes. */
#define UTF8_REPLACEMENT "\xEF\xBF\xBD"

/* The length of the longest valid prefix of the text. */
size_t utf8_valid_length(const char *text, size_t length);

/* The length of the character at the start of the text (length > 0). If the bytes are invalid,
 * *valid is false, and the result is the number of bytes that one U+FFFD replaces: the maximal
 * subpart of Unicode 15.0, section 3.9, U+FFFD Substitution. */
size_t utf8_character_length(const char *text, size_t length, bool *valid);

/* Writes the character and returns its length. The code point must not be a surrogate, and at most
 * U+10FFFF. */
size_t utf8_encode(uint32_t code_point, char bytes[4]);

#endif
