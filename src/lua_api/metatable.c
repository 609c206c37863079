#include "lua_api/metatable.h"

#include <string.h>

static void set_methods(lua_State *L, const struct metatable_description *description)
{
    if (description->methods == NULL)
        return;
    lua_newtable(L);
    for (int i = 0; description->methods[i] != NULL; i++)
        luaL_setfuncs(L, description->methods[i], 0);
    if (description->index != NULL)
        lua_pushcclosure(L, description->index, 1);
    lua_setfield(L, -2, "__index");
}

void metatable_register(lua_State *L, const struct metatable_description *description)
{
    luaL_getmetatable(L, description->name);
    bool present = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (present)
        return;
    lua_newtable(L);
    luaL_setfuncs(L, description->metamethods, 0);
    set_methods(L, description);
    lua_pushstring(L, description->name);
    lua_setfield(L, -2, "__name");
    if (description->hidden) {
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setfield(L, LUA_REGISTRYINDEX, description->name);
}

void *metatable_test(lua_State *L, int index, const char *name)
{
    void *userdata = lua_touserdata(L, index);
    if (userdata == NULL || !lua_getmetatable(L, index))
        return NULL;
    luaL_getmetatable(L, name);
    bool same = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 2);
    return same ? userdata : NULL;
}
