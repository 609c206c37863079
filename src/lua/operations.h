/* The Lua functions of the operations: client.connections.get and the like. */
#ifndef VAULT_LUA_OPERATIONS_H
#define VAULT_LUA_OPERATIONS_H

#include "lua_api/compat.h"

#include "api/operation.h"
#include "call/call_state.h"

#include <stdbool.h>

/* Whether any operation is of that group ("connections"). */
bool operations_has_group(const char *group);

/* Pushes a table of the group's operations, each `function` bound to the value at
 * `bound`: a client, or the holder of a default client. With `safe` the functions
 * return nil, err where they raise. */
void operations_push_group(lua_State *L, const char *group, int bound, bool safe,
                           lua_CFunction function);
/* Replaces the function on the stack's top, which makes a client, by a holder of the client that
 * the first call makes with it. */
void operations_push_default_client(lua_State *L);

/* Sets a field of the table at `table` to such a table for every group, bound to the
 * value on the stack's top, which it pops. */
void operations_register(lua_State *L, int table, bool safe, lua_CFunction function);

/* For these functions: pushes the client the running one is bound to, and its
 * row. */
struct client *operations_push_client(lua_State *L);
const struct operation *operations_row(lua_State *L);

/* Checks the request and options at these absolute stack indexes and builds the first request.
 * Raises InvalidRequestError. */
void operations_build_call(lua_State *L, const struct call_context *context, int request,
                           int options);

/* Makes a function whose vault errors come back as nil, err out of the C
 * function on the stack's top; other errors go through. */
void operations_make_safe(lua_State *L);

#endif
