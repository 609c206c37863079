/* The blocking driver: runs a call to its end on the caller's thread. */
#ifndef VAULT_CALL_BLOCKING_H
#define VAULT_CALL_BLOCKING_H

#include "call/call.h"

/* Runs the steps of the call until CALL_DONE. May raise. */
void blocking_drive(lua_State *L, const struct call_context *context);

#endif
