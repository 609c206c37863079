/* The methods of jobs: done, wait, result, cancel. */
#ifndef VAULT_LUA_JOB_METHODS_H
#define VAULT_LUA_JOB_METHODS_H

#include "lua_api/compat.h"

/* Makes the metatable; at luaopen. */
void job_methods_open(lua_State *L);

#endif
