/* What the adapters of event loops need of a client. Methods for vault.loop, not for programs. */
#ifndef VAULT_LUA_NGINX_H
#define VAULT_LUA_NGINX_H

#include "lua_api/compat.h"

/* client:_listen() -> path | nil, message     where the reader is to connect
 * client:_accept() -> boolean                 whether it has, and is listened to now
 * client:_is_connected() -> boolean             whether it is still there
 * client:_wakeup()                              makes it wake once
 * client:_collect(budget_ms) -> boolean       as poll(0), in slices; whether that was all
 * client:_is_busy() -> boolean                whether any call of this state is under way
 * client:_has_other_states() -> boolean         whether the process has other states that call
 * client:_abort_all()                         ends every job of this state; collecting runs
 * callbacks client._monotonic_ms() -> number            a clock that is never set
 * client._is_yieldable() -> boolean           see yieldable.h
 * client:_new_error(name, message, operation) -> error, whether the client returns errors */
extern const luaL_Reg nginx_methods[];

#endif
