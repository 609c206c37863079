/* vault.array([t]) */
#ifndef VAULT_LUA_ARRAY_H
#define VAULT_LUA_ARRAY_H

#include "lua_api/compat.h"

/* Marks t, or a new table, as a JSON array, and returns it. */
int array_mark(lua_State *L);

#endif
