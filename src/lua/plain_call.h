/* client.connections.get(request, options): a call that returns its result. */
#ifndef VAULT_LUA_PLAIN_CALL_H
#define VAULT_LUA_PLAIN_CALL_H

#include "lua_api/compat.h"

/* The C function of every operation; its upvalues are those of operations_register. Pushes result
 * and response, or raises the error. */
int plain_call(lua_State *L);

#endif
