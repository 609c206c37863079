/* client.async.connections.get(request, options): creates a job and takes its first step. */
#ifndef VAULT_LUA_JOB_START_H
#define VAULT_LUA_JOB_START_H

#include "lua_api/compat.h"

/* The C function of every asynchronous operation, with the upvalues that operations_push_group
 * sets. Pushes the job. */
int job_start(lua_State *L);

#endif
