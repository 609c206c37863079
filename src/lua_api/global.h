/* Reads global variables without calling metamethods. */
#ifndef VAULT_LUA_API_GLOBAL_H
#define VAULT_LUA_API_GLOBAL_H

#include "lua_api/compat.h"

/* Pushes the global variable, or nil. Raw, since the metatable of a strict _G raises for undefined
 * names. */
void global_push(lua_State *L, const char *name);
/* Pushes package.loaded[name], or nil; works even if the host has removed `package`. */
void global_push_loaded(lua_State *L, const char *name);

#endif
