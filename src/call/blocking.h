/* The blocking driver: carries out the steps of a call on the caller's thread.
 */
#ifndef VAULT_CALL_BLOCKING_H
#define VAULT_CALL_BLOCKING_H

#include "call/call.h"

/* Steps the call to its end; may raise, as call_next may. */
void blocking_drive(lua_State *L, const struct call_context *context);

#endif
