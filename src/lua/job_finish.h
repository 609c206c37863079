/* How a job ends: by its own last step, or from outside. */
#ifndef VAULT_LUA_JOB_FINISH_H
#define VAULT_LUA_JOB_FINISH_H

#include "lua/job.h"

/* Ends the job, whose outcome is set: its buffers go back to the client. Raises nothing and takes
 * no memory. */
void job_finish(lua_State *L, int index, enum job_state state);
/* Ends the job with the error on the stack's top, which it pops. */
void job_fail(lua_State *L, int index);
/* Ends a running job with RequestAbortedError, whatever it is doing. */
void job_abort(lua_State *L, int index, const char *message);
/* Takes the job out of the tables that find it. Raises nothing. */
void job_unregister(lua_State *L, int index, struct job *job);
/* Makes the next collection notice a job that has ended without the engine. */
void job_notify_ended(lua_State *L, int index);
/* In a forked child a job of the parent's cannot end by itself any more: ends
 * the one at `index`, if it is such a one. */
void job_abort_if_forked(lua_State *L, int index);

#endif
