/* Calls the hooks of a client, each with an event table. */
#ifndef VAULT_CALL_HOOKS_H
#define VAULT_CALL_HOOKS_H

#include "call/call_state.h"

/* Calls before_request, which may change url, headers and body of the attempt; raises
 * InvalidRequestError if they become invalid. */
void hooks_before_request(lua_State *L, const struct call_context *context);
void hooks_after_response(lua_State *L, const struct call_context *context);
/* For both the error object is on top of the stack, and stays there. */
void hooks_on_retry(lua_State *L, const struct call_context *context);
void hooks_on_error(lua_State *L, const struct call_context *context);

/* Whether the client has this hook. */
bool hooks_has(lua_State *L, const struct call_context *context, enum client_value hook);

#endif
