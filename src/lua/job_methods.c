#include "lua/job_methods.h"

#include "call/error.h"
#include "lua/job_collect.h"
#include "lua/job_finish.h"
#include "lua/timeout.h"
#include "lua_api/metatable.h"

#include <string.h>

static int m_done(lua_State *L)
{
    struct job *job = job_check(L, 1);
    job_abort_if_forked(L, 1);
    lua_pushboolean(L, job->state != JOB_RUNNING);
    return 1;
}

static struct job *wait_for(lua_State *L)
{
    struct job *job = job_check(L, 1);
    double timeout = timeout_check(L, 2, -1);
    job_abort_if_forked(L, 1);
    job_check_waitable(L, job);
    if (job->state == JOB_RUNNING || job->callback_due)
        job_collect(L, 1, timeout);
    return job;
}

static int m_wait(lua_State *L)
{
    if (wait_for(L)->state != JOB_RUNNING)
        return job_push_outcome(L, 1);
    lua_pushnil(L);
    lua_pushliteral(L, "timeout");
    return 2;
}

static int m_wait_blocking(lua_State *L)
{
    wait_for(L);
    return 0;
}

static int m_result(lua_State *L)
{
    struct job *job = job_check(L, 1);
    if (job->state == JOB_RUNNING)
        error_invalid(L, "the job is not done yet; job:wait() waits for its result");
    return job_push_outcome(L, 1);
}

static int m_cancel(lua_State *L)
{
    struct job *job = job_check(L, 1);
    if (job->state != JOB_RUNNING)
        return 0;
    job_abort(L, 1, "the job was cancelled");
    job_notify_ended(L, 1);
    return 0;
}

/* job:_add_waiter(waiter): calls the function once when the job is collected, also if another
 * coroutine collects it. For adapters of event loops, which resume a coroutine in it. Not called if
 * the job is already done and collected: check done() first. */
static int m_add_waiter(lua_State *L)
{
    struct job *job = job_check(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    job_check_waitable(L, job);
    lua_settop(L, 2);
    job_push_value(L, 1, JOB_WAITERS);
    if (lua_isnil(L, -1)) {
        lua_newtable(L);
        lua_pushvalue(L, -1);
        job_set_value(L, 1, JOB_WAITERS);
        lua_replace(L, 3);
    }
    lua_pushvalue(L, 2);
    lua_rawseti(L, 3, (int)lua_rawlen(L, 3) + 1);
    job->callback_due = true;
    return 0;
}

/* job:_remove_waiter(waiter): undoes _add_waiter. */
static int m_remove_waiter(lua_State *L)
{
    const struct job *job = job_check(L, 1);
    lua_settop(L, 2);
    job_push_value(L, 1, JOB_WAITERS);
    if (!job->callback_due || lua_isnil(L, 3)) /* already called, or being called */
        return 0;
    int count = (int)lua_rawlen(L, 3);
    for (int i = count; i >= 1; i--) {
        lua_rawgeti(L, 3, i);
        if (lua_rawequal(L, 2, -1)) {
            lua_rawgeti(L, 3, count);
            lua_rawseti(L, 3, i);
            lua_pushnil(L);
            lua_rawseti(L, 3, count);
            return 0;
        }
        lua_pop(L, 1);
    }
    return 0;
}

static int m__gc(lua_State *L)
{
    job_detach(job_check(L, 1));
    return 0;
}

static int m__tostring(lua_State *L)
{
    static const char *const states[] = {"running", "succeeded", "failed"};
    const struct job *job = job_check(L, 1);
    lua_pushfstring(L, "vault.job (%s, %s)", job->call.operation->id, states[job->state]);
    return 1;
}

/* Upvalue 1: the methods. With a loop, `wait` and `_suspend` are Lua functions of the loop: on Lua
 * 5.1 and LuaJIT a C function cannot suspend the running coroutine. */
static int m__index(lua_State *L)
{
    job_check(L, 1);
    bool wait = lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), "wait") == 0;
    bool suspend = lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), "_suspend") == 0;
    if (wait || suspend) {
        job_push_value(L, 1, JOB_CLIENT);
        client_push_value(L, lua_gettop(L), wait ? CLIENT_LOOP_WAIT : CLIENT_LOOP_SUSPEND);
        if (!lua_isnil(L, -1))
            return 1;
    }
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    return 1;
}

static const luaL_Reg methods[] = {{"done", m_done},
                                   {"wait", m_wait},
                                   {"_wait_blocking", m_wait_blocking},
                                   {"_add_waiter", m_add_waiter},
                                   {"_remove_waiter", m_remove_waiter},
                                   {"result", m_result},
                                   {"cancel", m_cancel},
                                   {NULL, NULL}};
static const luaL_Reg metamethods[] = {{"__gc", m__gc}, {"__tostring", m__tostring}, {NULL, NULL}};

void job_methods_open(lua_State *L)
{
    static const luaL_Reg *const lists[] = {methods, NULL};
    static const struct metatable_description description = {.name = JOB_METATABLE,
                                                             .metamethods = metamethods,
                                                             .methods = lists,
                                                             .index = m__index,
                                                             .hidden = true};
    metatable_register(L, &description);
}
