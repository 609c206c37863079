/* What came back → a Lua table, or an error object. */
#ifndef VAULT_CALL_RESPONSE_H
#define VAULT_CALL_RESPONSE_H

#include "call/call_state.h"

/* Success as far as HTTP goes: a complete 2xx, or a DELETE that finds nothing
 * any more because an earlier attempt of the same call has deleted it. */
bool response_is_success(const struct call *call);
/* Pushes the result and the response table and returns true; or pushes a
 * ResponseValidationError and returns false, when the body is no JSON object.
 */
bool response_push_result(lua_State *L, const struct call_context *context);
/* Pushes the error object for whatever went wrong. */
void response_push_error(lua_State *L, const struct call_context *context);

#endif
