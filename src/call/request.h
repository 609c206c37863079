/* Lua table → URL, headers and body, by the operation's row and its schema. */
#ifndef VAULT_CALL_REQUEST_H
#define VAULT_CALL_REQUEST_H

#include "call/call_state.h"

/* Fills client->request_headers, once its settings and Lua values are there. */
void request_prepare_client(lua_State *L, int client);
/* Fills buffers->body, target and call_headers from the request at `request`, an absolute stack
 * index (nil: no fields), whose value is overwritten. Raises InvalidRequestError. */
void request_read(lua_State *L, const struct call_context *context, int request);
/* Fills buffers->url and adds to call_headers, once buffers->settings has the options of the call.
 */
void request_complete(lua_State *L, const struct call_context *context);
/* Fills buffers->headers for one attempt: call_headers, and the key, which a
 * function of the caller's may have to supply. */
void request_prepare_headers(lua_State *L, const struct call_context *context);
/* The settings' server_url that the call goes to: its own, or its client's. */
const struct base_url *request_base(const struct call *call);
/* Raises when what is to be sent (as hooks may have changed it) must not be:
 * a bad URL, or a key over http:// to another machine. */
void request_check_target(lua_State *L, const struct call_context *context);

#endif
