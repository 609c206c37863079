/* The functions of Lua 5.4's C API that this module uses, for Lua 5.1, 5.2, 5.3 and LuaJIT. They
 * have the names of 5.4, so the sources read as plain Lua 5.4. */
#ifndef VAULT_LUA_API_COMPAT_H
#define VAULT_LUA_API_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>

#if LUA_VERSION_NUM < 502
#define lua_rawlen(L, index) lua_objlen(L, index)

static inline int lua_absindex(lua_State *L, int index)
{
    return index > 0 || index <= LUA_REGISTRYINDEX ? index : lua_gettop(L) + index + 1;
}

/* Not named luaL_setfuncs: LuaJIT 2.1 declares that itself. */
static inline void vault_setfuncs(lua_State *L, const luaL_Reg *functions, int upvalues)
{
    for (; functions->name != NULL; functions++) {
        for (int i = 0; i < upvalues; i++)
            lua_pushvalue(L, -upvalues);
        lua_pushcclosure(L, functions->func, upvalues);
        lua_setfield(L, -(upvalues + 2), functions->name);
    }
    lua_pop(L, upvalues);
}
#define luaL_setfuncs vault_setfuncs
#define lua_getuservalue(L, index) lua_getfenv(L, index)
#define lua_setuservalue(L, index) lua_setfenv(L, index)
#endif

#if LUA_VERSION_NUM < 503
#define lua_isinteger(L, index) 0
#define LUA_HAS_INTEGERS 0
#else
#define LUA_HAS_INTEGERS 1
#endif

/* Pushes a number without a fraction, as an integer if this Lua has integers that can hold it
 * (LUA_INT_TYPE may have 32 bits). */
static inline void vault_pushwhole(lua_State *L, double whole)
{
#if LUA_HAS_INTEGERS
    if (whole >= (double)LUA_MININTEGER && whole < -(double)LUA_MININTEGER) {
        lua_pushinteger(L, (lua_Integer)whole);
        return;
    }
#endif
    lua_pushnumber(L, (lua_Number)whole);
}

#if LUA_VERSION_NUM >= 504
#define vault_newuserdata(L, size) lua_newuserdatauv(L, size, 1)
#undef lua_getuservalue
#undef lua_setuservalue
#define lua_getuservalue(L, index) lua_getiuservalue(L, index, 1)
#define lua_setuservalue(L, index) lua_setiuservalue(L, index, 1)
#else
#define vault_newuserdata(L, size) lua_newuserdata(L, size)
#endif

#endif
