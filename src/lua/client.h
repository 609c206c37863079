/* The Lua object of a client: vault.new, close, tostring. */
#ifndef VAULT_LUA_CLIENT_H
#define VAULT_LUA_CLIENT_H

#include "call/client_state.h"

/* Creates the metatable. Called by luaopen. `methods` is a NULL-terminated list of the methods in
 * other files. */
void client_open(lua_State *L, const luaL_Reg *const *methods);
/* Pushes a new client with the configuration at `index` (0 or nil: from the environment only).
 * Raises InvalidRequestError. */
void client_new(lua_State *L, int index, bool safe);
/* Inside nginx: replaces the operations of the module at `module` by functions that suspend the
 * running coroutine only. */
void client_bind_module(lua_State *L, int module);
/* Returns the client at `index`; raises InvalidRequestError for any other value. */
struct client *client_check(lua_State *L, int index);

#endif
