/* JSON text → Lua values, in one pass.
 *
 * RFC 8259 to the letter, with these choices where it leaves them open: a byte
 * order mark at the start is skipped; of equal names the last wins; bytes that
 * are not UTF-8 and lone surrogates become U+FFFD; a null member is absent and
 * null in an array is light userdata NULL; arrays carry a metatable that marks
 * them. On Lua 5.3 and later a number with an integral value that fits is an
 * integer, exact to 64 bits. */
#ifndef VAULT_JSON_JSON_READ_H
#define VAULT_JSON_JSON_READ_H

#include "base/status.h"

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* As deep as lua-cjson's default. */
enum { JSON_READ_DEPTH = 1000 };

struct json_read_options {
    bool keep_nulls;     /* null members too are light userdata NULL */
    int array_metatable; /* stack index of the metatable that marks arrays */
};

/* Pushes the value of the text; after a failure pushes nothing, and sets *offset to where in the
 * text it is: STATUS_CODE_INVALID for what is not JSON, STATUS_CODE_NO_STACK where arrays and
 * objects nest too deep. text[length] must be a NUL. Raises only Lua's memory error, and owns
 * nothing when it does. */
struct status json_read(lua_State *L, const char *text, size_t length,
                        const struct json_read_options *options, size_t *offset);

#endif
