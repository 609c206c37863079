/* Builds the query from a request table, by the operation's row. */
#ifndef VAULT_CALL_QUERY_H
#define VAULT_CALL_QUERY_H

#include "lua_api/compat.h"

#include "api/operation.h"
#include "base/buffer.h"

/* Appends "&name=value" for every query parameter in the request table at `request` (an absolute
 * index); raises InvalidRequestError for a value of the wrong type. An array is repeated,
 * "&name=a&name=b"; an object is a deepObject (OpenAPI 3.0.3, "Style Values"),
 * "&name%5Bmember%5D=value". */
void query_append(lua_State *L, const struct operation *operation, int request,
                  struct buffer *query);

/* The same for a table with any names, sorted by their bytes. Values are strings, numbers,
 * booleans, arrays of these, and objects of these one level deep. `table` is an absolute index. */
void query_append_table(lua_State *L, int table, struct buffer *query);

#endif
