#include "lua/wait_all.h"

#include "base/clock.h"
#include "call/error.h"
#include "embedded/wait_all_source.h"
#include "lua/job.h"
#include "lua/timeout.h"

static int monotonic(lua_State *L)
{
    lua_pushnumber(L, clock_monotonic_ms());
    return 1;
}

/* Checks all arguments of wait_all, jobs [, timeout_ms], before it waits. Returns the number of
 * jobs. */
static int check_jobs(lua_State *L)
{
    int count = 0;
    if (!lua_istable(L, 1))
        error_invalid(L, "vault.wait_all: jobs: expected a list of jobs, got %s",
                      error_type_name(L, 1));
    timeout_check(L, 2, 0);
    for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TNUMBER)
            error_invalid(
                L, "vault.wait_all: jobs: expected a list { job, ... }, but it has %s as a key",
                error_type_name(L, -2));
        count++;
    }
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        if (!job_test(L, -1))
            error_invalid(L, "vault.wait_all: jobs[%d]: expected a job of client.async, got %s", i,
                          error_type_name(L, -1));
        lua_pop(L, 1);
    }
    lua_pushinteger(L, count);
    return 1;
}

void wait_all_push(lua_State *L)
{
    if (luaL_loadbuffer(L, wait_all_source, sizeof wait_all_source - 1, "=vault.wait_all") != 0)
        error_raise(L);
    lua_pushcfunction(L, monotonic);
    lua_pushcfunction(L, check_jobs);
    lua_call(L, 2, 1);
}
