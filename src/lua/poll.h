/* A client as event loops see it: poll, and the cqueues protocol (pollfd, events, timeout). */
#ifndef VAULT_LUA_POLL_H
#define VAULT_LUA_POLL_H

#include "lua_api/compat.h"

extern const luaL_Reg poll_methods[];

#endif
