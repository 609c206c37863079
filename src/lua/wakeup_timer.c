#include "lua/wakeup_timer.h"

#include "lua_api/metatable.h"
#include "call/error.h"
#include "lua/job.h"

#include <stdlib.h>

#define METATABLE "vault.alarm"

struct alarm {
    struct engine_task *task; /* owned, by the engine while it is under way */
};

static int m_cancel(lua_State *L)
{
    struct alarm *alarm = luaL_checkudata(L, 1, METATABLE);
    struct engine_task *task = alarm->task;
    alarm->task = NULL;
    if (task != NULL && !engine_abandon(task))
        free(task);
    return 0;
}

static void start(lua_State *L, struct client *client, struct alarm *alarm, double milliseconds)
{
    struct port *port = port_push(L);
    lua_pop(L, 1); /* the registry keeps it */
    struct engine_channel *channel = job_channel(L, client);
    struct engine_task *task = alarm->task = calloc(1, sizeof *task);
    if (task == NULL)
        error_no_memory(L);
    task->delay_ms = milliseconds;
    task->release = free;
    task->owner = task;
    task->id = 0; /* no job has it: collecting it does nothing more */
    const char *problem = engine_submit(port->engine_port, channel, task);
    if (problem != NULL) {
        lua_pushstring(L, problem);
        error_new(L, ERROR_UNEXPECTED);
        error_raise(L);
    }
}

int alarm_new(lua_State *L)
{
    struct client *client = client_check(L, 1);
    double milliseconds = luaL_checknumber(L, 2);
    struct alarm *alarm = vault_newuserdata(L, sizeof *alarm);
    alarm->task = NULL;
    luaL_getmetatable(L, METATABLE);
    lua_setmetatable(L, -2);
    start(L, client, alarm, milliseconds);
    return 1;
}

static const luaL_Reg methods[] = {{"cancel", m_cancel}, {NULL, NULL}};

void alarm_open_type(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__gc", m_cancel}, {NULL, NULL}};
    static const struct class_description description = {
        .name = METATABLE, .metamethods = metamethods, .methods = {methods}, .hidden = true};
    class_open(L, &description);
}
