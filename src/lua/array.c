#include "lua/array.h"

#include "call/error.h"
#include "json/json_array.h"

int array_mark(lua_State *L)
{
    struct json_array_markers marks;
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_createtable(L, 0, 0);
    }
    if (!lua_istable(L, 1))
        error_invalid(L, "vault.array: expected a table, got %s", error_type_name(L, 1));
    lua_settop(L, 1);
    json_array_markers_get(L, &marks);
    if (lua_getmetatable(L, 1)) {
        bool only_if_empty = lua_topointer(L, -1) == marks.empty_array_metatable;
        lua_pop(L, 1);
        if (!only_if_empty && !json_is_marked(L, 1, &marks))
            error_invalid(L, "vault.array: the table already has a metatable");
        if (!only_if_empty)
            return 1;
    }
    json_push_array_metatable(L);
    lua_setmetatable(L, 1);
    return 1;
}
