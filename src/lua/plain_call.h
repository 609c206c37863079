/* client.connections.get(request, options): a blocking call, which returns its result. */
#ifndef VAULT_LUA_PLAIN_CALL_H
#define VAULT_LUA_PLAIN_CALL_H

#include "lua_api/compat.h"

/* The C function of every plain operation, with the upvalues that operations_push_group sets.
 * Returns the result and the response, or raises the error. */
int plain_call(lua_State *L);

#endif
