/* The Lua functions of the operations: client.connections.get and the like. */
#ifndef VAULT_LUA_OPERATIONS_H
#define VAULT_LUA_OPERATIONS_H

#include "lua_api/compat.h"

#include "lua/client.h"
#include "api/operation.h"

#include <stdbool.h>

/* For every group of operations ("connections"), sets a field of the table at
 * `table` to a table of functions, bound to the value on the stack's top: a
 * client, or an empty table that will hold the default client. Pops it. */
void operations_register(lua_State *L, int table, bool safe);

/* The same with functions that start a job instead, and bound to a client. */
void operations_register_async(lua_State *L, int table, bool safe);

/* For the C functions that are registered so: pushes the client the running one
 * is bound to, and its row. */
struct client *operations_push_client(lua_State *L);
const struct operation *operations_row(lua_State *L);

/* Makes a function whose vault errors come back as nil, err out of the C
 * function on the stack's top; other errors go through. */
void operations_make_safe(lua_State *L);

#endif
