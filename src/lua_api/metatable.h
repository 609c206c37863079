/* Classes of userdata (and of error tables): a metatable each in the registry. */
#ifndef VAULT_LUA_API_METATABLE_H
#define VAULT_LUA_API_METATABLE_H

#include "lua_api/compat.h"

#include <stdbool.h>

enum { METATABLE_METHODS = 8 /* lists at most, with the NULL */ };

struct metatable_description {
    const char *name; /* "vault.client": registry key and __name */
    const luaL_Reg *metamethods;
    const luaL_Reg *const *methods; /* lists, NULL-terminated; NULL: none */
    /* __index, with the table of methods as upvalue 1; NULL: that table itself. */
    lua_CFunction index;
    /* getmetatable gives false: else a program could call __gc on a live object. */
    bool hidden;
};

/* Makes the class unless this Lua state has it: complete, or, when memory runs
 * out on the way, not at all. */
void metatable_register(lua_State *L, const struct metatable_description *description);

/* The userdata at `index` if it is one of that class, else NULL. */
void *metatable_test(lua_State *L, int index, const char *name);

#endif
