/* Writes JSON strings. */
#ifndef VAULT_JSON_JSON_QUOTE_H
#define VAULT_JSON_JSON_QUOTE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends the text in quotes. Returns false when memory is short, or, with *valid
 * false, when the text is not UTF-8. text[length] must be a NUL. */
bool json_quote(struct buffer *out, const char *text, size_t length, bool *valid);

#endif
