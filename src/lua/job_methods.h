/* The methods of a job: done, wait, result, cancel. */
#ifndef VAULT_LUA_JOB_METHODS_H
#define VAULT_LUA_JOB_METHODS_H

#include "lua_api/compat.h"

/* Creates the metatable. Called by luaopen. */
void job_methods_open(lua_State *L);

#endif
