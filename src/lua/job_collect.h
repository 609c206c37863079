/* Collecting what the engine has finished: poll, wait, close. */
#ifndef VAULT_LUA_JOB_COLLECT_H
#define VAULT_LUA_JOB_COLLECT_H

#include "lua/job.h"

/* Advances every job whose task is finished; with `job` (stack index, 0: none)
 * waits for that one, else for any, at most timeout_ms (negative: without end).
 * Then runs the callbacks of all that have ended, and raises the first error
 * that one of them raised. Returns how many jobs have ended. */
int job_collect(lua_State *L, int job, double timeout_ms);
/* The same without waiting, and beginning nothing after that time: for hosts
 * that must not be held long. False: there may be more. */
bool job_collect_slice(lua_State *L, double budget_ms);
/* Ends every job of the client at `index` and runs their callbacks, as above.
 */
void job_collect_aborted(lua_State *L, int index);

/* Whether any job of this state is under way or has ended unheard. */
bool job_collect_is_pending(lua_State *L);

#endif
