/* Set fields of the table on top of the stack, which stays there. */
#ifndef VAULT_LUA_API_TABLE_H
#define VAULT_LUA_API_TABLE_H

#include "lua_api/compat.h"

#include <stdbool.h>

/* NULL: the field is absent. */
static inline void table_set_string(lua_State *L, const char *field, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

static inline void table_set_integer(lua_State *L, const char *field, int number)
{
    lua_pushinteger(L, number);
    lua_setfield(L, -2, field);
}

static inline void table_set_number(lua_State *L, const char *field, double number)
{
    lua_pushnumber(L, number);
    lua_setfield(L, -2, field);
}

static inline void table_set_boolean(lua_State *L, const char *field, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, field);
}

#endif
