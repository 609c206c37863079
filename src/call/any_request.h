/* client.request: a request to any endpoint below server_url. */
#ifndef VAULT_CALL_ANY_REQUEST_H
#define VAULT_CALL_ANY_REQUEST_H

#include "call/call_state.h"

/* The row of such a call until its request is read, which sets the method and whether it may be
 * repeated. */
extern const struct operation any_request;

/* As request_read, for { method, path, query, body, idempotent, consumer_id, app_id }. Also sets
 * the row of the call. */
void any_request_read(lua_State *L, const struct call_context *context, int request);

#endif
