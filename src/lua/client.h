/* The client object that Lua sees: vault.new, close, tostring. */
#ifndef VAULT_LUA_CLIENT_H
#define VAULT_LUA_CLIENT_H

#include "call/client_state.h"

/* Makes the metatable; at luaopen. `methods` is a NULL-terminated list of the methods that are made
 * elsewhere. */
void client_open(lua_State *L, const luaL_Reg *const *methods);
/* Pushes a new client made of the configuration at `index` (0 or nil: only what
 * the environment says); raises InvalidRequestError. */
void client_new(lua_State *L, int index, bool safe);
/* Has the operations of the module at `module` wait as its default client's do,
 * where that client has a loop. */
void client_bind_module(lua_State *L, int module);
/* The client at `index`; raises InvalidRequestError when it is something else. */
struct client *client_check(lua_State *L, int index);

#endif
