/* vault.webhook: events that Apideck sends to a back end. */
#ifndef VAULT_LUA_WEBHOOK_H
#define VAULT_LUA_WEBHOOK_H

#include "lua_api/compat.h"

#include <stdbool.h>

/* Makes the metatable; at luaopen. */
void webhook_open_type(lua_State *L);
/* Pushes the table { parse, sign }; with `safe` they return nil, err where they
 * raise. */
void webhook_push(lua_State *L, bool safe);

#endif
