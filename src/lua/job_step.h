/* A job's steps: what a call does between two tasks of the engine. */
#ifndef VAULT_LUA_JOB_STEP_H
#define VAULT_LUA_JOB_STEP_H

#include "lua/job.h"

/* The engine is done with the task of the job at `index`: takes the next step.
 * True when that was its last. Raises nothing, and tolerates allocation failure:
 * whatever goes wrong is the job's outcome. Needs 20 stack slots. */
bool job_advance(lua_State *L, int index);
/* The Lua function of that step: client, job. */
int job_step_function(lua_State *L);

/* For the first step, which is taken where the job is made. */
bool job_take_step(lua_State *L, const struct call_context *context, struct job *job);
int job_call_step_function(lua_State *L, int index, struct job *job);
struct status job_submit(struct job *job);

#endif
