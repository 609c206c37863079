/* Ends a job: after its last step, or by cancelling it. */
#ifndef VAULT_LUA_JOB_FINISH_H
#define VAULT_LUA_JOB_FINISH_H

#include "lua/job.h"

/* Ends the job, whose result or error is set; its buffers return to the client. Does not raise or
 * allocate. */
void job_finish(lua_State *L, int index, enum job_state state);
/* Pops the error on top of the stack and ends the job with it. */
void job_fail(lua_State *L, int index);
/* Ends a running job with RequestAbortedError in any state; during a step, when the step is
 * over. */
void job_abort(lua_State *L, int index, const char *message);
/* Calls `visit` for each job of the table on top of the stack; pops the table. `visit` may end the
 * job, which removes it from that table. */
typedef void job_visit(lua_State *L, int index, const char *message);
void job_each(lua_State *L, job_visit *visit, const char *message);
/* Removes the job from the tables that have it by its id. Does not raise. */
void job_unregister(lua_State *L, int index, struct job *job);
/* Makes the descriptor readable for a job that has ended without the engine, so that its callback
 * is run. */
void job_notify_ended(lua_State *L, int index);
/* In a forked child: aborts the job at `index` if the parent has started it, since it cannot finish
 * here. */
void job_abort_if_forked(lua_State *L, int index);

#endif
