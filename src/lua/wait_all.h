/* vault.wait_all(jobs [, timeout_ms]) */
#ifndef VAULT_LUA_WAIT_ALL_H
#define VAULT_LUA_WAIT_ALL_H

#include "lua_api/compat.h"

/* Pushes the function. It is written in Lua (wait_all.lua), since it may suspend a coroutine, which
 * a C function cannot do on Lua 5.1 and LuaJIT. */
void wait_all_push(lua_State *L);

#endif
