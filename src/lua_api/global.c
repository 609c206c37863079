#include "lua_api/global.h"

#include <stdbool.h>

static void push_globals(lua_State *L)
{
#if LUA_VERSION_NUM < 502
    lua_pushvalue(L, LUA_GLOBALSINDEX);
#else
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
#endif
}

/* Replaces the value on top of the stack by its field if it is a table, else by nil. Returns
 * whether the result is not nil. */
static bool get_raw(lua_State *L, const char *name)
{
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1);
        lua_pushnil(L);
        return false;
    }
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    return !lua_isnil(L, -1);
}

void global_push_loaded(lua_State *L, const char *name)
{
    luaL_checkstack(L, 4, name);
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    get_raw(L, name);
}

void global_push(lua_State *L, const char *name)
{
    luaL_checkstack(L, 4, name);
    push_globals(L);
    if (get_raw(L, name))
        return;
    lua_pop(L, 1);
    /* Older versions of lua-nginx-module give each request a table of globals of its own, which
     * inherits from the state's by a metatable. */
    global_push_loaded(L, "_G");
    get_raw(L, name);
}
