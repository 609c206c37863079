/* The debug logger: what is sent and received, one line a message, without
 * secrets unless the client says debug_secrets. */
#ifndef VAULT_CALL_LOG_H
#define VAULT_CALL_LOG_H

#include "call/call_state.h"

/* Each does nothing where the client has no logger; each may raise
 * UnexpectedClientError, when the logger does. */
void log_request(lua_State *L, const struct call_context *context);
void log_response(lua_State *L, const struct call_context *context);
void log_retry(lua_State *L, const struct call_context *context);
/* The error object is on the stack's top, and stays there. */
void log_error(lua_State *L, const struct call_context *context);

/* At luaopen. */
void log_open(lua_State *L);
/* The default logger: a Lua function of one line, to standard error. */
int log_default(lua_State *L);

#endif
