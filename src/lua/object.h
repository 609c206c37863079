/* Checks the object that a method is called on. */
#ifndef VAULT_LUA_OBJECT_H
#define VAULT_LUA_OBJECT_H

#include "lua_api/compat.h"

/* Returns the userdata with the metatable `name` at `index`. Raises InvalidRequestError for any
 * other value, as after a dot in place of the colon. `object` is its name in messages: "job". */
void *object_check(lua_State *L, int index, const char *name, const char *object);

#endif
