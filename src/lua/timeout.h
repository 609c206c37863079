/* The argument timeout_ms of several methods. */
#ifndef VAULT_LUA_TIMEOUT_H
#define VAULT_LUA_TIMEOUT_H

#include "lua_api/compat.h"

/* Returns the milliseconds at `index`, or `none` if there is no argument. Raises
 * InvalidRequestError. */
double timeout_check(lua_State *L, int index, double none);

#endif
