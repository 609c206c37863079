/* Methods of a client for vault.loop and its adapters, mostly for nginx. Not for programs. */
#ifndef VAULT_LUA_NGINX_H
#define VAULT_LUA_NGINX_H

#include "lua_api/compat.h"

/* client:_listen() -> path | nil, message   path of the socket that the reader must connect to
 * client:_accept() -> boolean               whether it has; from now on it gets wakeup bytes
 * client:_is_connected() -> boolean         whether that connection is still open
 * client:_wakeup()                          sends a wakeup byte
 * client:_collect(budget_ms) -> boolean     as poll(0), for a limited time; false: maybe more
 * client:_is_busy() -> boolean              whether any call of this Lua state is under way
 * client:_has_other_states() -> boolean     whether other Lua states of the process make calls
 * client:_abort_all()                       ends every job; collecting runs the callbacks
 * client:_take_refused_yield() -> boolean   whether a hook has tried to yield since the last call
 * client._monotonic_ms() -> number          the time of a clock that is never set
 * client._is_yieldable() -> boolean         see yieldable.h
 * client:_new_error(name, message, operation) -> error, whether the client returns errors */
extern const luaL_Reg nginx_methods[];

#endif
