/* Builds URL, headers and body from a request table, by the operation's row and schema. */
#ifndef VAULT_CALL_REQUEST_H
#define VAULT_CALL_REQUEST_H

#include "call/call_state.h"

/* Fills client->request_headers from the client's settings and Lua values. */
void request_prepare_client(lua_State *L, int client);
/* Fills buffers->body, target and call_headers from the request at `request`, an absolute stack
 * index (nil: no fields), whose value is overwritten. Raises InvalidRequestError. */
void request_read(lua_State *L, const struct call_context *context, int request);
/* Writes the value on top of the stack to buffers->body; `name` is its name in messages. Raises
 * InvalidRequestError where the schema (NULL: any) does not allow it. */
void request_write_body(lua_State *L, const struct call *call, const struct schema *schema,
                        const char *name, unsigned flags);
/* Fills call_headers with all but those of the call's options: the client's, and the ids of the
 * request at `request`. */
void request_build_headers(lua_State *L, const struct call_context *context, int request);
/* Fills buffers->url and completes call_headers. Called when buffers->settings has the options of
 * the call. */
void request_complete(lua_State *L, const struct call_context *context);
/* Fills buffers->headers for one attempt: call_headers and the API key, which the program's api_key
 * function may return. */
void request_prepare_headers(lua_State *L, const struct call_context *context);
/* Raises if the request, which hooks may have changed, must not be sent: for an invalid URL, or a
 * key over http:// to another machine. */
void request_check_target(lua_State *L, const struct call_context *context);

#endif
