/* Writes Lua values as JSON text, in one pass, and checks them against a schema.
 *
 * Tables are read raw: no metamethod runs. Unknown fields may have any JSON value, read-only fields
 * are not checked. A known name in another case style is refused, and in an object with fixed
 * fields so is a similar name. */
#ifndef VAULT_JSON_JSON_WRITE_H
#define VAULT_JSON_JSON_WRITE_H

#include "api/schema.h"
#include "base/buffer.h"
#include "base/status.h"

#include <lua.h>

/* The same as lua-cjson's default. */
enum { JSON_WRITE_DEPTH = 1000 };

/* What a request's body needs beyond a schema; any of these, or 0. */
enum {
    /* Null is allowed in every field, so that a result with nulls can be sent back. */
    JSON_WRITE_NULLS = 1,
    /* On a Lua without 64-bit integers, refuse an integer of 2^53 or more: it may differ from the
     * one that was read. */
    JSON_WRITE_EXACT = 2
};

/* Appends the value at `index` to *out, checked against the schema (NULL: any JSON value); `root`
 * is its name in messages. After STATUS_CODE_INVALID and STATUS_CODE_NO_STACK, the message is
 * appended to *message: "connection.configuration[2].resource: expected a string, got a number". It
 * has paths and types, never a value, which may be a secret. After any failure *out has an
 * unfinished text.
 *
 * The caller owns both buffers, and keeps them where a raise cannot leak them: Lua may raise a
 * memory error at any time. Raises nothing else. */
struct status json_write(lua_State *L, int index, const struct schema *schema, const char *root,
                         unsigned flags, struct buffer *out, struct buffer *message);

#endif
