#include "call/header_table.h"

#include "lua/config_headers.h"

static void push_joined(lua_State *L, const struct header *header)
{
    lua_pushlstring(L, header->line, header->name_length);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushlstring(L, header->value, header->value_length);
        return;
    }
    lua_pushliteral(L, ", ");
    lua_pushlstring(L, header->value, header->value_length);
    lua_concat(L, 3);
}

void header_table_push(lua_State *L, const struct header_list *headers)
{
    luaL_checkstack(L, 6, "headers");
    lua_createtable(L, 0, (int)headers->count);
    struct header header;
    for (size_t position = 0; header_list_next(headers, &position, &header);) {
        push_joined(L, &header);
        lua_rawset(L, -3);
    }
}

static bool is_lower(lua_State *L, int index)
{
    const char *name = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "";
    while (*name != '\0' && !(*name >= 'A' && *name <= 'Z'))
        name++;
    return *name == '\0';
}

static void read_spelled(lua_State *L, int index, struct header_list *headers, const char *path,
                         bool lower)
{
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (is_lower(L, -2) == lower)
            config_add_header(L, headers, path, false);
        lua_pop(L, 1);
    }
}

void header_table_read(lua_State *L, int index, struct header_list *headers, const char *path)
{
    luaL_checkstack(L, 10, path);
    header_list_clear(headers);
    /* Names are lower-case here; whoever writes another spelling next to one means
     * the new value, so those are set last. */
    read_spelled(L, index, headers, path, true);
    read_spelled(L, index, headers, path, false);
}
