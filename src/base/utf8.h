/* UTF-8 as RFC 3629 has it: at most U+10FFFF, no surrogates, nothing written
 * longer than it need be. */
#ifndef VAULT_BASE_UTF8_H
#define VAULT_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* U+FFFD, which stands where bytes were no character. */
#define UTF8_REPLACEMENT "\xEF\xBF\xBD"

/* The length of the longest valid prefix of the text. */
size_t utf8_valid_length(const char *text, size_t length);

/* The length of the character that starts the text (length > 0). Where there
 * is none, *valid is false and the result is how many bytes one U+FFFD replaces:
 * the maximal subpart of Unicode 15.0, section 3.9, U+FFFD Substitution. */
size_t utf8_character_length(const char *text, size_t length, bool *valid);

/* Writes the character and returns its length. The code point must be a scalar
 * value: not a surrogate, at most U+10FFFF. */
size_t utf8_encode(uint32_t code_point, char bytes[4]);

#endif
