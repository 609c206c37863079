/* client.<group>.each: the rows of a list that comes in pages. */
#ifndef VAULT_LUA_EACH_H
#define VAULT_LUA_EACH_H

#include "lua_api/compat.h"

/* Sets the field `each` of the table of operations at `table`, an absolute index, where the group
 * pages. The function on the stack's top returns the client; pops it. */
void each_register(lua_State *L, int table, const char *group);

#endif
