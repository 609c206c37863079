/* client.async.connections.get(request, options): makes a job and takes its first step. */
#ifndef VAULT_LUA_JOB_START_H
#define VAULT_LUA_JOB_START_H

#include "lua_api/compat.h"

/* The C function of every asynchronous operation; its upvalues are those of operations_register.
 * Pushes the job. */
int job_start(lua_State *L);

#endif
