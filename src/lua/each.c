#include "lua/each.h"

#include "api/operation.h"
#include "call/error.h"
#include "embedded/each_source.h"
#include "http/engine.h"

#include <stdbool.h>
#include <string.h>

static bool pages(const char *group)
{
    for (size_t i = 0; i < operation_count; i++)
        if (operations[i].pages && strcmp(operations[i].group, group) == 0)
            return true;
    return false;
}

void each_register(lua_State *L, int table, const char *group)
{
    if (!pages(group)) {
        lua_pop(L, 1);
        return;
    }
    luaL_checkstack(L, 6, "each");
    if (luaL_loadbuffer(L, each_source, sizeof each_source - 1, "=vault.each") != 0)
        error_raise(L);
    lua_insert(L, -2);
    lua_pushstring(L, group);
    lua_pushboolean(L, engine_is_available());
    lua_call(L, 3, 1);
    lua_setfield(L, table, "each");
}
