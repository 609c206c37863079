#include "lua/wakeup_timer.h"

#include "call/error.h"
#include "lua/client.h"
#include "lua/job_queue.h"
#include "lua_api/metatable.h"

#include <stdlib.h>

#define METATABLE "vault.timer"

struct wakeup_timer {
    struct engine_task *task; /* owned; by the engine while submitted */
};

static int m_cancel(lua_State *L)
{
    struct wakeup_timer *timer = luaL_checkudata(L, 1, METATABLE);
    struct engine_task *task = timer->task;
    timer->task = NULL;
    if (task != NULL && !engine_cancel(task))
        free(task);
    return 0;
}

static void submit_timer(lua_State *L, struct client *client, struct wakeup_timer *timer,
                         double milliseconds)
{
    struct job_queue *queue = job_queue_push(L);
    lua_pop(L, 1); /* the registry keeps the queue alive */
    struct transfer_queue *transfers = client_transfer_queue(L, client);
    struct engine_task *task = timer->task = calloc(1, sizeof *task);
    if (task == NULL)
        error_no_memory(L);
    task->kind = ENGINE_TASK_TIMER;
    task->delay_ms = milliseconds;
    task->release = free;
    task->owner = task;
    task->id = 0; /* no job has this id, so collecting the task only makes poll return */
    struct status status = engine_submit(queue->completion_queue, transfers, task);
    if (status.code != STATUS_CODE_OK) {
        lua_pushstring(L, status.message);
        error_new(L, ERROR_UNEXPECTED);
        error_raise(L);
    }
}

static int m_timer(lua_State *L)
{
    struct client *client = client_check(L, 1);
    double milliseconds = luaL_checknumber(L, 2);
    struct wakeup_timer *timer = vault_newuserdata(L, sizeof *timer);
    timer->task = NULL;
    luaL_getmetatable(L, METATABLE);
    lua_setmetatable(L, -2);
    submit_timer(L, client, timer, milliseconds);
    return 1;
}

const luaL_Reg wakeup_timer_methods[] = {{"_timer", m_timer}, {NULL, NULL}};

static const luaL_Reg methods[] = {{"cancel", m_cancel}, {NULL, NULL}};

void wakeup_timer_open_type(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__gc", m_cancel}, {NULL, NULL}};
    static const luaL_Reg *const lists[] = {methods, NULL};
    static const struct metatable_description description = {
        .name = METATABLE, .metamethods = metamethods, .methods = lists, .hidden = true};
    metatable_register(L, &description);
}
