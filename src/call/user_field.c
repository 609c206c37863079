#include "call/user_field.h"

#include "call/user_function.h"

static int index_value(lua_State *L)
{
    lua_gettable(L, 1);
    return 1;
}

void user_field_push(lua_State *L, const struct call_context *context, int value, const char *name,
                     const char *what)
{
    value = lua_absindex(L, value);
    luaL_checkstack(L, 10, what);
    if (lua_istable(L, value) && !lua_getmetatable(L, value)) {
        lua_pushstring(L, name);
        lua_rawget(L, value);
        return;
    }
    if (lua_istable(L, value))
        lua_pop(L, 1); /* the metatable */
    lua_pushcfunction(L, index_value);
    lua_pushvalue(L, value);
    lua_pushstring(L, name);
    user_function_call(L, context, what, 2, 1);
}
