/* vault.wait_all */
#ifndef VAULT_LUA_WAIT_ALL_H
#define VAULT_LUA_WAIT_ALL_H

#include "lua_api/compat.h"

/* Pushes the function, which is written in Lua (wait_all.lua): it may suspend a coroutine, which a
 * C function cannot do everywhere. */
void wait_all_push(lua_State *L);

#endif
