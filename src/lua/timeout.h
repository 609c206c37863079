/* The argument timeout_ms of methods. */
#ifndef VAULT_LUA_TIMEOUT_H
#define VAULT_LUA_TIMEOUT_H

#include "lua_api/compat.h"

/* Milliseconds at `index`; `none` when absent. Raises InvalidRequestError. */
double timeout_check(lua_State *L, int index, double none);

#endif
