#ifndef VAULT_INTERNAL_CONNECTIONS_H
#define VAULT_INTERNAL_CONNECTIONS_H

#include <lua.h>

/* Sets the fields timers and multi of the table on the stack's top. */
void internal_connections_open(lua_State *L);

#endif
