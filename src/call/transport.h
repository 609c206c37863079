/* Sends requests with the client's `transport`, a Lua function, in place of libcurl. */
#ifndef VAULT_CALL_TRANSPORT_H
#define VAULT_CALL_TRANSPORT_H

#include "call/call_state.h"

/* Calls the transport with { method, url, headers, body, timeout_ms } and fills buffers->response
 * from its results: { status, headers, body }, or nil and a message. Raises UnexpectedClientError
 * if the transport raises or returns something else. */
void transport_perform(lua_State *L, const struct call_context *context);

#endif
