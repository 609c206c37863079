/* vault.webhook: checks and decodes events that Apideck sends to a back end. */
#ifndef VAULT_LUA_WEBHOOK_H
#define VAULT_LUA_WEBHOOK_H

#include "lua_api/compat.h"

#include <stdbool.h>

/* Creates the metatable. Called by luaopen. */
void webhook_open_type(lua_State *L);
/* Pushes the table { parse, sign }; with `safe` the functions return nil, err instead of
 * raising. */
void webhook_push(lua_State *L, bool safe);

#endif
