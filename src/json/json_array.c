#include "json/json_array.h"

#include "lua_api/compat.h"
#include "lua_api/global.h"

#include <lauxlib.h>
#include <string.h>

/* A string and not the address of a static variable: on 64-bit ARM LuaJIT's light userdata cannot
 * hold every address. */
#define REGISTRY_KEY "vault.json_array"

/* Keys of the table in the registry. */
enum { OWN_METATABLE = 1, CJSON_ARRAY, CJSON_EMPTY_ARRAY_METATABLE, CJSON_EMPTY_ARRAY };

/* Pushes the module cjson, or nil if it cannot be loaded. */
static void push_cjson(lua_State *L)
{
    global_push_loaded(L, "cjson"); /* works even if the host has removed `require` */
    if (lua_type(L, -1) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    global_push(L, "require");
    if (lua_type(L, -1) == LUA_TFUNCTION) {
        lua_pushliteral(L, "cjson");
        if (lua_pcall(L, 1, 1, 0) == 0 && lua_type(L, -1) == LUA_TTABLE)
            return;
    }
    lua_pop(L, 1);
    lua_pushnil(L);
}

static void push_own_metatable(lua_State *L)
{
    lua_createtable(L, 0, 2);
    lua_pushliteral(L, "vault.array");
    lua_setfield(L, -2, "__name");
    lua_pushliteral(L, "array");
    lua_setfield(L, -2, "__jsontype");
}

/* table[place] = cjson[name] if that has the same type as in OpenResty's cjson, else false. */
static void copy_mark(lua_State *L, int table, int cjson, const char *name, int type, int place)
{
    lua_pushboolean(L, 0);
    if (lua_type(L, cjson) == LUA_TTABLE) {
        lua_pushstring(L, name);
        lua_rawget(L, cjson);
        if (lua_type(L, -1) == type)
            lua_replace(L, -2);
        else
            lua_pop(L, 1);
    }
    lua_rawseti(L, table, place);
}

void json_array_open(lua_State *L)
{
    luaL_checkstack(L, 8, "vault");
    lua_getfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
    if (lua_type(L, -1) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_createtable(L, CJSON_EMPTY_ARRAY, 0);
        push_own_metatable(L);
        lua_rawseti(L, -2, OWN_METATABLE);
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
    }
    int table = lua_gettop(L);
    push_cjson(L);
    int cjson = lua_gettop(L);
    copy_mark(L, table, cjson, "array_mt", LUA_TTABLE, CJSON_ARRAY);
    copy_mark(L, table, cjson, "empty_array_mt", LUA_TTABLE, CJSON_EMPTY_ARRAY_METATABLE);
    copy_mark(L, table, cjson, "empty_array", LUA_TLIGHTUSERDATA, CJSON_EMPTY_ARRAY);
    lua_settop(L, table - 1);
}

void json_push_array_metatable(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
    lua_rawgeti(L, -1, CJSON_ARRAY);
    if (lua_type(L, -1) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_rawgeti(L, -1, OWN_METATABLE);
    }
    lua_replace(L, -2);
}

static const void *mark_at(lua_State *L, int table, int place)
{
    lua_rawgeti(L, table, place);
    const void *mark = lua_topointer(L, -1);
    lua_pop(L, 1);
    return mark;
}

void json_array_markers_get(lua_State *L, struct json_array_markers *markers)
{
    lua_getfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
    int table = lua_gettop(L);
    markers->own_metatable = mark_at(L, table, OWN_METATABLE);
    markers->array_metatable = mark_at(L, table, CJSON_ARRAY);
    markers->empty_array_metatable = mark_at(L, table, CJSON_EMPTY_ARRAY_METATABLE);
    markers->empty_array = mark_at(L, table, CJSON_EMPTY_ARRAY);
    lua_pop(L, 1);
}

/* cjson.empty_array_mt marks a table only while it is empty. */
static bool is_empty(lua_State *L, int table)
{
    lua_pushnil(L);
    if (lua_next(L, table) == 0)
        return true;
    lua_pop(L, 2);
    return false;
}

/* Whether the metatable on top of the stack marks arrays. Raw, so that its own metatable has no
 * effect. */
static bool marks_array(lua_State *L)
{
    lua_pushliteral(L, "__jsontype");
    lua_rawget(L, -2);
    bool array = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "array") == 0;
    lua_pop(L, 1);
    return array;
}

bool json_is_marked(lua_State *L, int index, const struct json_array_markers *markers)
{
    index = lua_absindex(L, index);
    if (lua_type(L, index) == LUA_TLIGHTUSERDATA) {
        const void *address = lua_touserdata(L, index);
        return address != NULL && address == markers->empty_array;
    }
    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
        return false;
    const void *metatable = lua_topointer(L, -1);
    bool marked = metatable == markers->array_metatable || metatable == markers->own_metatable ||
                  marks_array(L);
    bool marked_if_empty = metatable == markers->empty_array_metatable;
    lua_pop(L, 1);
    return marked || (marked_if_empty && is_empty(L, index));
}

bool json_is_array(lua_State *L, int index)
{
    struct json_array_markers markers;
    index = lua_absindex(L, index);
    json_array_markers_get(L, &markers);
    return json_is_marked(L, index, &markers);
}

bool json_check_stack(lua_State *L, int slots)
{
    if (lua_checkstack(L, slots))
        return true;
    /* Since Lua 5.2 lua_checkstack returns false for a memory error, too. Allocate about as much in
     * a way that raises a memory error. */
    const size_t doubled_slot = 32;
    lua_newuserdata(L, (size_t)(lua_gettop(L) + slots) * doubled_slot);
    lua_pop(L, 1);
    return false;
}
