/* The debug logger: a line for each request, response, retry and error; without secrets unless the
 * client has debug_secrets. */
#ifndef VAULT_CALL_LOG_H
#define VAULT_CALL_LOG_H

#include "call/call_state.h"

/* These do nothing if the client has no logger, and raise UnexpectedClientError if the logger
 * raises. */
void log_request(lua_State *L, const struct call_context *context);
void log_response(lua_State *L, const struct call_context *context);
void log_retry(lua_State *L, const struct call_context *context);
/* The error object is on top of the stack, and stays there. */
void log_error(lua_State *L, const struct call_context *context);

/* Called by luaopen. */
void log_open(lua_State *L);
/* The default logger, a Lua function: writes a line to standard error. */
int log_default(lua_State *L);

#endif
