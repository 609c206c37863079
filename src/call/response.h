/* Makes a Lua table or an error object from the response of an attempt. */
#ifndef VAULT_CALL_RESPONSE_H
#define VAULT_CALL_RESPONSE_H

#include "call/call_state.h"

/* Whether the status is a success: a complete 2xx, or a DELETE that gets 404 because an earlier
 * attempt of the same call may have deleted the resource. */
bool response_is_success(const struct call *call);
/* Pushes the result and the response table and returns true. If the body is not a JSON object,
 * pushes a ResponseValidationError and returns false. */
bool response_push_result(lua_State *L, const struct call_context *context);
/* Pushes the error object of a failed attempt. */
void response_push_error(lua_State *L, const struct call_context *context);

#endif
