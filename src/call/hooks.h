/* The hooks a client was given: one event table each. */
#ifndef VAULT_CALL_HOOKS_H
#define VAULT_CALL_HOOKS_H

#include "call/call_state.h"

/* Lets before_request change url, headers and body of the attempt; raises
 * InvalidRequestError when what it leaves cannot be sent. */
void hooks_before_request(lua_State *L, const struct call_context *context);
void hooks_after_response(lua_State *L, const struct call_context *context);
/* For both the error object is on the stack's top, and stays there. */
void hooks_on_retry(lua_State *L, const struct call_context *context);
void hooks_on_error(lua_State *L, const struct call_context *context);

/* Whether on_retry is there to be told. */
bool hooks_has(lua_State *L, const struct call_context *context, enum client_value hook);

#endif
