/* Lua values → JSON text, in one pass, checked against the schema of what the
 * API takes.
 *
 * Tables are read raw: no metamethod runs. What the schema does not know passes
 * as any JSON value, what it marks read-only is not checked; a known name in
 * another case style is refused, and where the fields are fixed a near one too. */
#ifndef VAULT_JSON_JSON_WRITE_H
#define VAULT_JSON_JSON_WRITE_H

#include "api/schema.h"
#include "base/buffer.h"
#include "base/status.h"

#include <lua.h>

/* As deep as lua-cjson's default. */
enum { JSON_WRITE_DEPTH = 1000 };

/* Appends the value at `index` to *out, checked against the schema (NULL: any
 * JSON value); `root` is its name in messages. After STATUS_CODE_INVALID and STATUS_CODE_NO_STACK,
 * *message has got "connection.configuration[2].resource: expected a string, got
 * a number" appended: paths and types, never a value, which may be a secret.
 * Unless all went well, *out has an unfinished text appended.
 *
 * Both buffers are the caller's, who keeps them where a raise cannot lose them:
 * Lua may raise its memory error at any time. Nothing else is raised. */
struct status json_write(lua_State *L, int index, const struct schema *schema, const char *root,
                         struct buffer *out, struct buffer *message);

/* What a body must be beyond that. */
enum {
    JSON_WRITE_NULLS = 1, /* null is a value of every field: what was read so can be sent back */
    /* On a Lua whose integers have fewer than 64 bits an integer of 2^53 or more is
     * refused: it may be another one than the one that was read. */
    JSON_WRITE_EXACT = 2
};

/* The same with some of these. */
struct status json_write_body(lua_State *L, int index, const struct schema *schema,
                              const char *root, unsigned flags, struct buffer *out,
                              struct buffer *message);

#endif
