#ifndef VAULT_INTERNAL_REDACTION_H
#define VAULT_INTERNAL_REDACTION_H

#include <lua.h>

/* Adds the table `redaction` to the one on the stack's top. */
void internal_redaction_open(lua_State *L);

#endif
