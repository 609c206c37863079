/* Collecting what the engine has finished: poll, wait, close. */
#ifndef VAULT_LUA_COLLECT_H
#define VAULT_LUA_COLLECT_H

#include "lua/job.h"

/* Advances every job whose task is finished; with `job` (stack index, 0: none)
 * waits for that one, else for any, at most timeout_ms (negative: without end).
 * Then runs the callbacks of all that have ended, and raises the first error
 * that one of them raised. Returns how many jobs have ended. */
int collect(lua_State *L, int job, double timeout_ms);
/* The same without waiting, and beginning nothing after that time: for hosts
 * that must not be held long. False: there may be more. */
bool collect_some(lua_State *L, double budget_ms);
/* Ends every job of the client at `index` and runs their callbacks, as above.
 */
void collect_aborted(lua_State *L, int index);

/* Whether any job of this state is under way or has ended unheard. */
bool collect_is_anything_due(lua_State *L);

/* Methods of a client and of the module. */
int collect_poll(lua_State *L);
int collect_pollfd(lua_State *L);
int collect_events(lua_State *L);
int collect_timeout(lua_State *L);
/* job:wait([timeout_ms]) without a loop. */
int collect_wait(lua_State *L);
/* The same without its outcome: for whatever waits for many. */
int collect_suspend(lua_State *L);
/* client._seconds(job [, timeout_ms]): checks the arguments of job:wait and returns
 * the time as event loops take it, nil for none; for vault.loop. */
int collect_seconds(lua_State *L);
/* Pushes vault.wait_all. */
void collect_push_wait_all(lua_State *L);

#endif
