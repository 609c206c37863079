/* Calling the functions a program has given: key, hooks, logger, transport. */
#ifndef VAULT_CALL_USER_FUNCTION_H
#define VAULT_CALL_USER_FUNCTION_H

#include "call/call_state.h"

/* As lua_call, but what the function raises becomes an UnexpectedClientError
 * whose message names it ("the before_request hook") and whose cause is what it
 * raised. Without a context (NULL: no call is under way) there are no secrets to
 * redact in the message. */
void user_function_call(lua_State *L, const struct call_context *context, const char *what,
                        int arguments, int results);

/* At luaopen. */
void user_function_open(lua_State *L);
/* Whether one of them has tried to yield since the last question. */
bool user_function_take_refused_yield(lua_State *L);

#endif
