/* client:_timer(milliseconds): makes the client's descriptor readable after that time. For adapters
 * of event loops without timers. */
#ifndef VAULT_LUA_WAKEUP_TIMER_H
#define VAULT_LUA_WAKEUP_TIMER_H

#include "lua_api/compat.h"

void wakeup_timer_open_type(lua_State *L);
extern const luaL_Reg wakeup_timer_methods[];

#endif
