#include "lua/yieldable.h"

#include "lua_api/global.h"

#include <stdbool.h>
#include <string.h>

#if LUA_VERSION_NUM >= 503 || defined(LUA_LJDIR) /* from LuaJIT's luaconf.h */

static bool is_yieldable(lua_State *L)
{
    return lua_isyieldable(L) != 0;
}

#else /* Lua 5.1 and 5.2 have no such function: search the call stack for C functions */

/* lua_getstack counts from the top each time, so the search is bounded. The C API allows about this
 * many nested calls. */
enum { DEEPEST_LEVEL = 200 };

#if LUA_VERSION_NUM < 502

/* A module built for Lua 5.1, as LuaRocks may do, also runs in LuaJIT, which has the function. In
 * Lua 5.1 the symbol is NULL. */
#if defined(__ELF__)
int lua_isyieldable(lua_State *L) __attribute__((weak));
#define HAS_WEAK_SYMBOL
#elif defined(__APPLE__)
int lua_isyieldable(lua_State *L) __attribute__((weak_import));
#define HAS_WEAK_SYMBOL
#endif

/* No yield is possible across a C function, nor across an iterator that a generic for calls. */
static bool is_boundary(lua_State *L, lua_Debug *context)
{
    lua_getinfo(L, "Sn", context);
    return strcmp(context->what, "C") == 0 ||
           (context->name != NULL && strcmp(context->name, "(for generator)") == 0);
}

#else

static bool is_global(lua_State *L, const char *name)
{
    global_push(L, name);
    bool same = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 1);
    return same;
}

/* Lua 5.2 manual, section 4.7: these functions of its own library continue after a yield. */
static bool is_boundary(lua_State *L, lua_Debug *context)
{
    lua_getinfo(L, "Sf", context);
    bool boundary = strcmp(context->what, "C") == 0 && !is_global(L, "pcall") &&
                    !is_global(L, "xpcall") && !is_global(L, "dofile");
    lua_pop(L, 1);
    return boundary;
}

#endif

static bool is_yieldable(lua_State *L)
{
#ifdef HAS_WEAK_SYMBOL
    if (lua_isyieldable != NULL)
        return lua_isyieldable(L) != 0;
#endif
    bool main = lua_pushthread(L) != 0;
    lua_pop(L, 1);
    if (main)
        return false;
    lua_Debug context;
    for (int level = 1; level <= DEEPEST_LEVEL && lua_getstack(L, level, &context); level++)
        if (is_boundary(L, &context))
            return false;
    return true;
}

#endif

int yieldable(lua_State *L)
{
    lua_pushboolean(L, is_yieldable(L));
    return 1;
}
