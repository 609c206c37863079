/* The steps of a job: what its call does between two tasks of the engine. */
#ifndef VAULT_LUA_JOB_STEP_H
#define VAULT_LUA_JOB_STEP_H

#include "lua/job.h"

/* Called when the task of the job at `index` is finished: takes the next step, and submits the next
 * task. True: the job has ended. Does not raise: any error, also of memory, is the outcome of the
 * job. Needs 20 stack slots. */
bool job_advance(lua_State *L, int index);
/* The step as a Lua function; arguments: client, job. */
int job_step_function(lua_State *L);

/* For job_start.c, which takes the first step. job_take_step prepares the next task, or returns
 * true when the call is done. job_call_step_function calls job_step_function protected and leaves
 * its results or its error. job_submit submits the prepared task; no Lua function may be called
 * afterwards that could raise. */
bool job_take_step(lua_State *L, const struct call_context *context, struct job *job);
int job_call_step_function(lua_State *L, int index, struct job *job);
struct status job_submit(struct job *job);

#endif
