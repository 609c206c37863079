/* The program's global variables, read without calling any metamethod. */
#ifndef VAULT_LUA_API_GLOBAL_H
#define VAULT_LUA_API_GLOBAL_H

#include "lua_api/compat.h"

/* Pushes the global variable, or nil. Raw, since the metatable of a strict _G raises for names that
 * are not defined. */
void global_push(lua_State *L, const char *name);
/* Pushes package.loaded[name], or nil, also where the host has taken `package` away. */
void global_push_loaded(lua_State *L, const char *name);

#endif
