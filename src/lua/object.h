/* The objects that methods are called of. */
#ifndef VAULT_LUA_OBJECT_H
#define VAULT_LUA_OBJECT_H

#include "lua_api/compat.h"

/* The userdata of the class `name` at `index`, of which a method is called; raises
 * InvalidRequestError where it is something else, as after a dot in place of the colon. `object` is
 * what programs call it: "job". */
void *object_check(lua_State *L, int index, const char *name, const char *object);

#endif
