/* Calls functions of the program: api_key, hooks, logger, transport. */
#ifndef VAULT_CALL_USER_FUNCTION_H
#define VAULT_CALL_USER_FUNCTION_H

#include "call/call_state.h"

/* As lua_call, but an error of the function becomes the `cause` of an UnexpectedClientError whose
 * message begins with `what` ("the before_request hook"). Outside of a call `context` is NULL, and
 * the message is not redacted. */
void user_function_call(lua_State *L, const struct call_context *context, const char *what,
                        int arguments, int results);

/* Called by luaopen. */
void user_function_open(lua_State *L);
/* Whether such a function has tried to yield since the last call of this one. */
bool user_function_take_refused_yield(lua_State *L);

#endif
