/* Finds out whether the running coroutine can be suspended. */
#ifndef VAULT_LUA_YIELDABLE_H
#define VAULT_LUA_YIELDABLE_H

#include "lua_api/compat.h"

/* client._is_yieldable() -> boolean: whether the Lua function that calls it could yield. On Lua 5.1
 * and 5.2 it wrongly returns true in a finalizer or a debug hook, and on 5.1 in a metamethod. */
int yieldable(lua_State *L);

#endif
