#include "lua/each.h"

#include "api/operation.h"
#include "call/error.h"
#include "embedded/each_source.h"
#include "http/engine.h"

#include <stdbool.h>
#include <string.h>

#define REGISTRY_KEY "vault.each"

static bool pages(const char *group)
{
    for (size_t i = 0; i < operation_count; i++)
        if (operations[i].pages && strcmp(operations[i].group, group) == 0)
            return true;
    return false;
}

/* Pushes the chunk of each.lua. It is compiled once for a Lua state and kept in the registry: every
 * group of every client runs it, and the functions that it makes share their code. */
static void push_chunk(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
    if (!lua_isnil(L, -1))
        return;
    lua_pop(L, 1);
    if (luaL_loadbuffer(L, each_source, sizeof each_source - 1, "=vault.each") != 0)
        error_raise(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
}

void each_register(lua_State *L, int table, const char *group)
{
    if (!pages(group)) {
        lua_pop(L, 1);
        return;
    }
    luaL_checkstack(L, 6, "each");
    push_chunk(L);
    lua_insert(L, -2);
    lua_pushstring(L, group);
    lua_pushboolean(L, engine_is_available());
    lua_call(L, 3, 1);
    lua_setfield(L, table, "each");
}
