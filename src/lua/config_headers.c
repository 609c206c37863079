#include "lua/config_headers.h"

#include "call/header_table.h"

void config_read_headers(lua_State *L, const struct option_target *target, const char *path)
{
    option_table(L, path);
    int index = lua_gettop(L);
    luaL_checkstack(L, 10, path);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        header_table_set_field(L, &target->settings->headers, path, true);
        lua_pop(L, 1);
    }
}
