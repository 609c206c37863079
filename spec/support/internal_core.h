#ifndef VAULT_SPEC_INTERNAL_CORE_H
#define VAULT_SPEC_INTERNAL_CORE_H

#include <lua.h>

/* Sets the fields process, retry, url, headers and http of the table on the stack's top. */
void internal_core_open(lua_State *L);

#endif
