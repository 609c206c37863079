#include "lua/nginx.h"

#include "base/clock.h"
#include "call/error.h"
#include "call/user_function.h"
#include "lua/client.h"
#include "lua/job.h"
#include "lua/job_collect.h"
#include "lua/job_finish.h"
#include "lua/job_queue.h"
#include "lua/yieldable.h"

#include <errno.h>
#include <string.h>

static int m_listen(lua_State *L)
{
    client_check(L, 1);
    struct job_queue *queue = job_queue_push(L);
    const char *path = completion_queue_listen(queue->completion_queue);
    if (path != NULL) {
        lua_pushstring(L, path);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, strerror(errno));
    return 2;
}

static int m_accept(lua_State *L)
{
    client_check(L, 1);
    lua_pushboolean(L, completion_queue_accept(job_queue_push(L)->completion_queue));
    return 1;
}

static int m_is_connected(lua_State *L)
{
    client_check(L, 1);
    const struct job_queue *queue = job_queue_push_existing(L);
    lua_pushboolean(L, queue->completion_queue != NULL &&
                           !completion_queue_belongs_to_parent(queue->completion_queue) &&
                           completion_queue_is_connected(queue->completion_queue));
    return 1;
}

static int m_wakeup(lua_State *L)
{
    client_check(L, 1);
    completion_queue_notify(job_queue_push(L)->completion_queue);
    return 0;
}

static int m_is_busy(lua_State *L)
{
    client_check(L, 1);
    lua_pushboolean(L, job_collect_is_pending(L));
    return 1;
}

static int m_collect(lua_State *L)
{
    client_check(L, 1);
    lua_pushboolean(L, job_collect_slice(L, luaL_checknumber(L, 2)));
    return 1;
}

static int m_abort_all(lua_State *L)
{
    client_check(L, 1);
    lua_settop(L, 1);
    luaL_checkstack(L, 20, "abort");
    job_queue_push_existing(L);
    job_queue_push_value(L, 2, JOB_QUEUE_JOBS);
    job_each(L, job_abort, "this nginx worker is ending, and worker_shutdown_timeout has passed");
    return 0;
}

static int m_take_refused_yield(lua_State *L)
{
    client_check(L, 1);
    lua_pushboolean(L, user_function_take_refused_yield(L));
    return 1;
}

static int m_monotonic_ms(lua_State *L)
{
    lua_pushnumber(L, clock_monotonic_ms());
    return 1;
}

static int m_has_other_states(lua_State *L)
{
    client_check(L, 1);
    lua_pushboolean(L, completion_queue_has_others(job_queue_push(L)->completion_queue));
    return 1;
}

static int m_new_error(lua_State *L)
{
    const struct client *client = client_check(L, 1);
    const char *name = luaL_checkstring(L, 2);
    luaL_checkstring(L, 3);
    lua_settop(L, 4);
    lua_pushvalue(L, 3);
    error_new(L, name);
    lua_pushvalue(L, 4);
    lua_setfield(L, -2, "operation");
    lua_pushboolean(L, client->safe);
    return 2;
}

const luaL_Reg nginx_methods[] = {{"_listen", m_listen},
                                  {"_accept", m_accept},
                                  {"_is_connected", m_is_connected},
                                  {"_wakeup", m_wakeup},
                                  {"_collect", m_collect},
                                  {"_is_busy", m_is_busy},
                                  {"_has_other_states", m_has_other_states},
                                  {"_abort_all", m_abort_all},
                                  {"_take_refused_yield", m_take_refused_yield},
                                  {"_monotonic_ms", m_monotonic_ms},
                                  {"_is_yieldable", yieldable},
                                  {"_new_error", m_new_error},
                                  {NULL, NULL}};
