#include "lua/job_queue.h"

#include "call/error.h"
#include "lua_api/metatable.h"

#include <stdbool.h>

#define METATABLE "vault.queue"
#define REGISTRY_KEY "vault.queue.of_this_state"

/* Cancels all calls; no callback or waiter is called. */
static void detach_jobs(lua_State *L, const struct job_queue *queue)
{
    job_queue_push_value(L, 1, JOB_QUEUE_JOBS);
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1))
        queue->callbacks->detach(lua_touserdata(L, -1));
    lua_pop(L, 1);
}

static int m__gc(lua_State *L)
{
    struct job_queue *queue = luaL_checkudata(L, 1, METATABLE);
    detach_jobs(L, queue);
    completion_queue_close(queue->completion_queue);
    queue->completion_queue = NULL;
    queue->closed = true;
    return 0;
}

static void set_tables(lua_State *L, const struct job_queue_callbacks *callbacks)
{
    lua_createtable(L, JOB_QUEUE_STEP_FUNCTION, 0);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawseti(L, -2, JOB_QUEUE_JOBS);
    lua_newtable(L);
    lua_rawseti(L, -2, JOB_QUEUE_HELD);
    lua_pushcfunction(L, callbacks->step);
    lua_rawseti(L, -2, JOB_QUEUE_STEP_FUNCTION);
    lua_setuservalue(L, -2);
}

void job_queue_open(lua_State *L, const struct job_queue_callbacks *callbacks)
{
    lua_getfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
    bool present = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (present)
        return;
    static const luaL_Reg metamethods[] = {{"__gc", m__gc}, {NULL, NULL}};
    static const struct metatable_description description = {.name = METATABLE,
                                                             .metamethods = metamethods};
    metatable_register(L, &description);
    struct job_queue *queue = vault_newuserdata(L, sizeof *queue);
    queue->callbacks = callbacks;
    queue->completion_queue = NULL;
    queue->last_id = 0;
    queue->closed = false;
    queue->forked = false;
    set_tables(L, callbacks);
    /* Last: the finalizer reads the tables, and making them may raise a memory error. */
    luaL_getmetatable(L, METATABLE);
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
}

struct job_queue *job_queue_push_existing(lua_State *L)
{
    luaL_checkstack(L, 10, "queue");
    lua_getfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
    return lua_touserdata(L, -1);
}

struct job_queue *job_queue_push(lua_State *L)
{
    struct job_queue *queue = job_queue_push_existing(L);
    if (queue->completion_queue != NULL &&
        !completion_queue_belongs_to_parent(queue->completion_queue))
        return queue;
    queue->forked = queue->forked || queue->completion_queue != NULL;
    completion_queue_close(queue->completion_queue); /* after a fork, the parent's */
    /* A thread that a late finalizer starts would never be stopped. */
    struct status status = status_unavailable("the Lua state is being closed");
    queue->completion_queue = NULL;
    if (!queue->closed)
        status = completion_queue_open(&queue->completion_queue);
    if (status.code == STATUS_CODE_NO_MEMORY)
        error_no_memory(L);
    if (status.code != STATUS_CODE_OK) {
        lua_pushfstring(L, "cannot start the background thread: %s", status.message);
        error_new(L, ERROR_UNEXPECTED);
        error_raise(L);
    }
    return queue;
}

void job_queue_push_value(lua_State *L, int index, enum job_queue_value value)
{
    lua_getuservalue(L, index);
    lua_rawgeti(L, -1, (int)value);
    lua_remove(L, -2);
}

/* Keys of lua_rawgeti have 32 bits in Lua 5.1 and 5.2; numbers are exact up to 53. */
static void push_id(lua_State *L, uint64_t id)
{
#if LUA_HAS_INTEGERS
    lua_pushinteger(L, (lua_Integer)id);
#else
    lua_pushnumber(L, (lua_Number)id);
#endif
}

void job_queue_push_job(lua_State *L, int index, uint64_t id)
{
    index = lua_absindex(L, index);
    push_id(L, id);
    lua_rawget(L, index);
}

void job_queue_set_job(lua_State *L, int index, uint64_t id)
{
    index = lua_absindex(L, index);
    if (lua_isnil(L, -1)) { /* Lua 5.3 allocates even to store nil under a new key */
        job_queue_push_job(L, index, id);
        bool absent = lua_isnil(L, -1);
        lua_pop(L, absent ? 2 : 1);
        if (absent)
            return;
    }
    push_id(L, id);
    lua_insert(L, -2);
    lua_rawset(L, index);
}

/* Pushes the uservalue table of the queue of this Lua state. */
static void push_values(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
    lua_getuservalue(L, -1);
    lua_remove(L, -2);
}

void job_queue_append_ended(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    push_values(L);
    lua_rawgeti(L, -1, JOB_QUEUE_LAST);
    if (lua_isnil(L, -1)) {
        lua_pushvalue(L, index);
        lua_rawseti(L, -3, JOB_QUEUE_FIRST);
    } else {
        lua_getuservalue(L, -1);
        lua_pushvalue(L, index);
        lua_rawseti(L, -2, JOB_QUEUE_NEXT);
        lua_pop(L, 1);
    }
    lua_pushvalue(L, index);
    lua_rawseti(L, -3, JOB_QUEUE_LAST);
    lua_pop(L, 2);
}

void job_queue_take_ended(lua_State *L)
{
    push_values(L);
    int values = lua_gettop(L);
    lua_rawgeti(L, values, JOB_QUEUE_FIRST);
    if (!lua_isnil(L, -1)) {
        lua_getuservalue(L, -1);
        lua_rawgeti(L, -1, JOB_QUEUE_NEXT);
        if (lua_isnil(L, -1)) {
            lua_pushnil(L);
            lua_rawseti(L, values, JOB_QUEUE_LAST);
        }
        lua_rawseti(L, values, JOB_QUEUE_FIRST);
        lua_pushnil(L);
        lua_rawseti(L, -2, JOB_QUEUE_NEXT);
        lua_pop(L, 1);
    }
    lua_remove(L, values);
}
