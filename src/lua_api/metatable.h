/* Metatables of userdata and of error objects, kept in the registry. */
#ifndef VAULT_LUA_API_METATABLE_H
#define VAULT_LUA_API_METATABLE_H

#include "lua_api/compat.h"

#include <stdbool.h>

enum { METATABLE_METHODS = 8 /* size of a list of method lists, with its NULL */ };

struct metatable_description {
    const char *name; /* "vault.client": the registry key and __name */
    const luaL_Reg *metamethods;
    const luaL_Reg *const *methods; /* NULL-terminated list of method lists; NULL: none */
    /* __index, a function with the table of methods as upvalue 1; NULL: that table itself. */
    lua_CFunction index;
    /* getmetatable returns false, so that a program cannot call __gc on a live object. */
    bool hidden;
};

/* Creates the metatable unless this Lua state has it. If memory runs out, it is not registered at
 * all. */
void metatable_register(lua_State *L, const struct metatable_description *description);

/* Returns the userdata at `index` if it has that metatable, else NULL. */
void *metatable_test(lua_State *L, int index, const char *name);

#endif
