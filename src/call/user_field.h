/* Reads tables of the program, which may have metatables. */
#ifndef VAULT_CALL_USER_FIELD_H
#define VAULT_CALL_USER_FIELD_H

#include "call/call_state.h"

/* Pushes value[name], with metamethods. An error of a metamethod becomes the `cause` of an
 * UnexpectedClientError whose message begins with `what` ("reading the options"). `context` is NULL
 * outside of a call. */
void user_field_push(lua_State *L, const struct call_context *context, int value, const char *name,
                     const char *what);

#endif
