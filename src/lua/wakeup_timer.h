/* An timer makes the queue's descriptor readable after some time: for adapters
 * of event loops that have no timers of their own. */
#ifndef VAULT_LUA_WAKEUP_TIMER_H
#define VAULT_LUA_WAKEUP_TIMER_H

#include "lua_api/compat.h"

void wakeup_timer_open_type(lua_State *L);
extern const luaL_Reg wakeup_timer_methods[];

#endif
