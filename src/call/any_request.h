/* client.request: a request to any endpoint below server_url. */
#ifndef VAULT_CALL_ANY_REQUEST_H
#define VAULT_CALL_ANY_REQUEST_H

#include "call/call_state.h"

/* The row of such a call until its request has been read: method and the right to be repeated are
 * the request's. */
extern const struct operation any_request;

/* As request_read, from { method, path, query, body, idempotent, consumer_id, app_id }; also sets
 * the row of the call. */
void any_request_read(lua_State *L, const struct call_context *context, int request);

#endif
