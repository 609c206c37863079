/* vault.array */
#ifndef VAULT_LUA_ARRAY_H
#define VAULT_LUA_ARRAY_H

#include "lua_api/compat.h"

/* vault.array([t]): marks t, or a new table, as a JSON array, and returns it. */
int array_mark(lua_State *L);

#endif
