#include "call/interrupt.h"

#include "embedded/hook_point.h"

/* Registry keys. */
#define MAIN_THREAD "vault.interrupt.main_thread"
#define HOOK_POINT "vault.interrupt.hook_point"

void interrupt_open(lua_State *L)
{
#if LUA_VERSION_NUM < 502 /* later versions have LUA_RIDX_MAINTHREAD */
    if (lua_pushthread(L))
        lua_setfield(L, LUA_REGISTRYINDEX, MAIN_THREAD);
    else
        lua_pop(L, 1);
#endif
    if (luaL_loadbuffer(L, hook_point, sizeof hook_point - 1, "=vault") != 0)
        lua_error(L);
    lua_setfield(L, LUA_REGISTRYINDEX, HOOK_POINT);
}

static lua_State *main_thread(lua_State *L)
{
#if LUA_VERSION_NUM >= 502
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
#else
    lua_getfield(L, LUA_REGISTRYINDEX, MAIN_THREAD);
#endif
    lua_State *main = lua_tothread(L, -1);
    lua_pop(L, 1);
    return main;
}

void interrupt_begin(lua_State *L, struct interrupt *interrupt)
{
    luaL_checkstack(L, 5, "interrupt");
    interrupt->main = main_thread(L);
    interrupt->hook = interrupt->main != NULL ? lua_gethook(interrupt->main) : NULL;
}

static bool run_hook(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, HOOK_POINT);
    return lua_pcall(L, 0, 0, 0) == 0;
}

/* A hook belongs to one coroutine (lua_sethook), and a signal handler sets that of the main one. If
 * it has changed during the wait, run it in the waiting coroutine. */
static bool run_hook_of_main(lua_State *L, lua_State *main)
{
    lua_Hook own = lua_gethook(L);
    int mask = lua_gethookmask(L), count = lua_gethookcount(L);
    lua_sethook(L, lua_gethook(main), lua_gethookmask(main), lua_gethookcount(main));
    bool passed = run_hook(L);
    lua_sethook(L, own, mask, count);
    return passed;
}

bool interrupt_run_hooks(lua_State *L, const struct interrupt *interrupt)
{
    lua_State *main = interrupt->main;
    lua_Hook hook = main != NULL ? lua_gethook(main) : NULL;
    if (hook != NULL && hook != interrupt->hook && hook != lua_gethook(L))
        return run_hook_of_main(L, main);
    return lua_gethook(L) == NULL || run_hook(L);
}
