#ifndef VAULT_SPEC_INTERNAL_MEMORY_H
#define VAULT_SPEC_INTERNAL_MEMORY_H

#include <lua.h>

/* Sets the field memory of the table on the stack's top, on Linux. */
void internal_memory_open(lua_State *L);

#endif
