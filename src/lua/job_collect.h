/* Collects the tasks that the engine has finished, for poll, wait and close. */
#ifndef VAULT_LUA_JOB_COLLECT_H
#define VAULT_LUA_JOB_COLLECT_H

#include "lua/job.h"

/* Takes the next step of every job whose task is finished. Waits until the job at stack index `job`
 * has ended (0: until any has), at most timeout_ms (negative: no limit). Then runs the callbacks of
 * all jobs that have ended, and raises the first error that a callback raised. Returns how many
 * jobs have ended. */
int job_collect(lua_State *L, int job, double timeout_ms);
/* The same without waiting, for hosts that must not be blocked for long: takes no step after
 * budget_ms. False: there may be more. */
bool job_collect_slice(lua_State *L, double budget_ms);
/* Aborts every job of the client at `index` and runs their callbacks, as above. */
void job_collect_aborted(lua_State *L, int index);

/* Whether any job of this Lua state is under way, or has ended with its callback still due. */
bool job_collect_is_pending(lua_State *L);

#endif
