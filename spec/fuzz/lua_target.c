/* A target written in Lua: VAULT_FUZZ_SCRIPT returns a function of one string, and an error
 * that it raises is a finding. */
#include "check.h"
#include "vault.h"

#include <lauxlib.h>
#include <lualib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int luaopen_vault_internal(lua_State *L);

static lua_State *L;

#ifdef VAULT_FUZZ_LINES
/* libFuzzer's coverage counters for Lua code: the lines that run. It finds the counters by their
 * section. */
enum { LINES = 1 << 14 };
static uint8_t lines[LINES] __attribute__((section("__libfuzzer_extra_counters")));

static void count_line(lua_State *state, lua_Debug *activation)
{
    if (lua_getinfo(state, "Sl", activation) == 0)
        return;
    unsigned hash = (unsigned)activation->currentline * 31U;
    size_t length = activation->srclen; /* the end of a path distinguishes files */
    for (size_t i = length > 12 ? length - 12 : 0; i < length; i++)
        hash = hash * 33U + (unsigned char)activation->source[i];
    lines[hash % LINES]++;
}
#endif

static void preload(const char *name, lua_CFunction function)
{
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, function);
    lua_setfield(L, -2, name);
    lua_pop(L, 2);
}

static void fail(void)
{
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    L = luaL_newstate();
    luaL_openlibs(L);
    preload("vault", luaopen_vault);
    preload("vault.schema", luaopen_vault_schema);
    preload("vault_internal", luaopen_vault_internal);
    if (luaL_dofile(L, VAULT_FUZZ_SCRIPT) != 0)
        fail();
#ifdef VAULT_FUZZ_LINES
    lua_sethook(L, count_line, LUA_MASKLINE, 0);
#endif
    return 0;
}

static int traceback(lua_State *state)
{
    luaL_traceback(state, state, luaL_tolstring(state, 1, NULL), 1);
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lua_pushcfunction(L, traceback);
    lua_pushvalue(L, 1);
    lua_pushlstring(L, (const char *)data, size);
    if (lua_pcall(L, 1, 0, 2) != 0)
        fail();
    lua_settop(L, 1);
    return 0;
}
