/* The methods of a client for event loops: poll, and the protocol of cqueues (pollfd, events,
 * timeout). */
#ifndef VAULT_LUA_POLL_H
#define VAULT_LUA_POLL_H

#include "lua_api/compat.h"

extern const luaL_Reg poll_methods[];

#endif
