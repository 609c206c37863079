#include "lua/poll.h"

#include "lua/client.h"
#include "lua/job_collect.h"
#include "lua/job_queue.h"
#include "lua/timeout.h"

static int m_poll(lua_State *L)
{
    client_check(L, 1);
    double timeout = timeout_check(L, 2, 0);
    if (!job_collect_is_pending(L))
        timeout = 0;
    bool started = job_queue_push_existing(L)->completion_queue != NULL;
    lua_pushinteger(L, started ? job_collect(L, 0, timeout) : 0);
    return 1;
}

static int m_pollfd(lua_State *L)
{
    client_check(L, 1);
    struct job_queue *queue = job_queue_push(L);
    lua_pushinteger(L, completion_queue_descriptor(queue->completion_queue));
    return 1;
}

static int m_events(lua_State *L)
{
    client_check(L, 1);
    lua_pushliteral(L, "r");
    return 1;
}

/* No timeout: the engine runs the timers of pauses, and then makes the descriptor readable. */
static int m_timeout(lua_State *L)
{
    client_check(L, 1);
    lua_pushnil(L);
    return 1;
}

static int m_check_timeout(lua_State *L)
{
    const double longest = 2147483647; /* limit of timers of event loops; 68 years */
    job_check(L, 1);
    double timeout = timeout_check(L, 2, -1);
    if (timeout < 0 || timeout / 1e3 > longest)
        lua_pushnil(L);
    else
        lua_pushnumber(L, timeout / 1e3);
    return 1;
}

const luaL_Reg poll_methods[] = {{"poll", m_poll},
                                 {"pollfd", m_pollfd},
                                 {"events", m_events},
                                 {"timeout", m_timeout},
                                 {"_check_timeout", m_check_timeout},
                                 {NULL, NULL}};
