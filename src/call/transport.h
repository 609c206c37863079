/* A Lua function in libcurl's place: transport = function(request). */
#ifndef VAULT_CALL_TRANSPORT_H
#define VAULT_CALL_TRANSPORT_H

#include "call/call_state.h"

/* Calls the client's transport with { method, url, headers, body, timeout_ms }
 * and fills buffers->response from what it returns: { status, headers, body },
 * or nil and a message. Raises UnexpectedClientError when it raises, or returns
 * something else. */
void transport_perform(lua_State *L, const struct call_context *context);

#endif
