/* Reading the tables that a program has given, which may have metatables. */
#ifndef VAULT_CALL_USER_FIELD_H
#define VAULT_CALL_USER_FIELD_H

#include "call/call_state.h"

/* Pushes value[name] as Lua reads it, so that fields inherited by __index count.
 * What a metamethod raises becomes an UnexpectedClientError whose message begins
 * with `what` ("reading the options") and whose cause is what was raised. `context`
 * is NULL where no call is under way. */
void user_field_push(lua_State *L, const struct call_context *context, int value, const char *name,
                     const char *what);

#endif
