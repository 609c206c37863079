/* Reads JSON text into Lua values, in one pass.
 *
 * Strict, by RFC 8259. Where that leaves a choice: a byte order mark at the start is skipped; of
 * equal names the last wins; bytes that are not UTF-8 and lone surrogates become U+FFFD. A null
 * member is absent, and null in an array is light userdata NULL. Arrays have a metatable that marks
 * them. On Lua 5.3 and later a number with an integral value that fits is an integer, exact to 64
 * bits. */
#ifndef VAULT_JSON_JSON_READ_H
#define VAULT_JSON_JSON_READ_H

#include "base/status.h"

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* The same as lua-cjson's default. */
enum { JSON_READ_DEPTH = 1000 };

/* Pushes the value of the text; `keep_nulls`: null members are light userdata NULL, too. A failure
 * pushes nothing and sets *offset to the place in the text: STATUS_CODE_INVALID for a syntax error,
 * STATUS_CODE_NO_STACK if arrays and objects nest too deep. text[length] must be a NUL. Raises only
 * memory errors, and leaks nothing then. */
struct status json_read(lua_State *L, const char *text, size_t length, bool keep_nulls,
                        size_t *offset);

#endif
