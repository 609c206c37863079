/* The Lua functions of the operations, such as client.connections.get. */
#ifndef VAULT_LUA_OPERATIONS_H
#define VAULT_LUA_OPERATIONS_H

#include "lua_api/compat.h"

#include "api/operation.h"
#include "call/call_state.h"

#include <stdbool.h>

/* Whether there is a group of that name ("connections"). */
bool operations_has_group(const char *group);

/* Pushes a table of the group's operations: closures of `function`, bound to the value at `bound`
 * (a client, or the holder of a default client). With `safe` they return nil, err instead of
 * raising. */
void operations_push_group(lua_State *L, const char *group, int bound, bool safe,
                           lua_CFunction function);
/* Pushes such a closure for any endpoint: client.request. */
void operations_push_any(lua_State *L, int bound, bool safe, lua_CFunction function);
/* Replaces the function on top of the stack, which creates a client, by the holder of a default
 * client: the first call creates the client with this function. */
void operations_push_default_client(lua_State *L);

/* Pops the value on top of the stack and sets a field of the table at `table` for every group, to a
 * table of operations bound to that value. */
void operations_register(lua_State *L, int table, bool safe, lua_CFunction function);

/* For `function`: pushes the client that the running operation is bound to and returns it; returns
 * the operation's row. */
struct client *operations_push_client(lua_State *L);
const struct operation *operations_row(lua_State *L);

/* Checks the request and options at these absolute stack indexes and builds the request. Raises
 * InvalidRequestError. */
void operations_build_call(lua_State *L, const struct call_context *context, int request,
                           int options);

/* Replaces the function on top of the stack by one that returns nil, err where that raises an error
 * object of this module. Other errors are raised. */
void operations_make_safe(lua_State *L);

#endif
