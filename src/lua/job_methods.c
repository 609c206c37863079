/* What a program does with a job. */
#include "lua_api/metatable.h"
#include "lua/collect.h"
#include "call/error.h"

#include <string.h>

struct job *job_check(lua_State *L, int index)
{
    return class_check(L, index, JOB_METATABLE, "job");
}

bool job_test(lua_State *L, int index)
{
    return class_test(L, index, JOB_METATABLE) != NULL;
}

void job_check_fork(lua_State *L, int index)
{
    struct job *job = lua_touserdata(L, index);
    if (job->state != JOB_RUNNING || job->completion_queue == NULL ||
        !completion_queue_belongs_to_parent(job->completion_queue))
        return;
    job_abort(L, index, "the call was started before the process forked");
    job_announce(L, index);
}

void job_check_waitable(lua_State *L, const struct job *job)
{
    if (job->state == JOB_RUNNING && job->stepping)
        error_invalid(L, "this job cannot be waited for here: it goes on when its own hook, key "
                         "function, logger or transport returns; wait for it elsewhere, or give "
                         "it a callback");
}

static int m_done(lua_State *L)
{
    struct job *job = job_check(L, 1);
    job_check_fork(L, 1);
    lua_pushboolean(L, job->state != JOB_RUNNING);
    return 1;
}

int job_push_outcome(lua_State *L, int index)
{
    struct job *job = lua_touserdata(L, index);
    job_push_value(L, index, JOB_RESULT);
    if (job->state == JOB_SUCCEEDED) {
        job_push_value(L, index, JOB_RESPONSE);
        return 2;
    }
    if (lua_isnil(L, -1)) { /* its finalizer has run */
        lua_pop(L, 1);
        call_push_aborted(L, "the job was collected before it had ended");
    }
    if (!job->call.client->safe)
        return error_raise(L);
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
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
    job_announce(L, 1);
    return 0;
}

/* job:_notify(waiter): calls it once, whoever collects the job; for adapters of
 * event loops, which resume a coroutine in it. A job that is done and collected
 * does not call it any more: ask done() first. */
static int m_notify(lua_State *L)
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

/* job:_ignore(waiter): takes back what _notify was given. */
static int m_ignore(lua_State *L)
{
    const struct job *job = job_check(L, 1);
    lua_settop(L, 2);
    job_push_value(L, 1, JOB_WAITERS);
    if (!job->callback_due || lua_isnil(L, 3)) /* called already, maybe right now */
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

static void detach(struct job *job)
{
    if (job->state == JOB_RUNNING) /* another finalizer may still use the job */
        job->state = JOB_FAILED;
    call_discard(&job->call);
}

static int m__gc(lua_State *L)
{
    detach(job_check(L, 1));
    return 0;
}

void job_detach_all(lua_State *L, int port)
{
    job_queue_push_value(L, port, JOB_QUEUE_JOBS);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        detach(lua_touserdata(L, -1));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static int m__tostring(lua_State *L)
{
    static const char *const states[] = {"running", "succeeded", "failed"};
    const struct job *job = job_check(L, 1);
    lua_pushfstring(L, "vault.job (%s, %s)", job->call.operation->id, states[job->state]);
    return 1;
}

/* upvalue 1: the methods. With a loop, wait is the loop's: it suspends the
 * running coroutine, which only a Lua function can do everywhere. */
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
                                   {"wait", collect_wait},
                                   {"_suspend", collect_suspend},
                                   {"_block", collect_suspend},
                                   {"_notify", m_notify},
                                   {"_ignore", m_ignore},
                                   {"result", m_result},
                                   {"cancel", m_cancel},
                                   {NULL, NULL}};
static const luaL_Reg metamethods[] = {{"__gc", m__gc}, {"__tostring", m__tostring}, {NULL, NULL}};

void job_open_type(lua_State *L)
{
    static const struct metatable_description description = {.name = JOB_METATABLE,
                                                         .metamethods = metamethods,
                                                         .methods = {methods},
                                                         .index = m__index,
                                                         .hidden = true};
    metatable_register(L, &description);
}
