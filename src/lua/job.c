#include "lua/job.h"

#include "lua_api/metatable.h"
#include "lua/object.h"
#include "lua/collect.h"
#include "call/error.h"
#include "lua/operations.h"
#include "call/transport.h"
#include "call/user_field.h"

#include <string.h>

#define METATABLE "vault.job"

struct job *job_check(lua_State *L, int index)
{
    return object_check(L, index, METATABLE, "job");
}

bool job_test(lua_State *L, int index)
{
    return metatable_test(L, index, METATABLE) != NULL;
}

void job_push_value(lua_State *L, int index, enum job_value value)
{
    lua_getuservalue(L, index);
    lua_rawgeti(L, -1, (int)value);
    lua_remove(L, -2);
}

/* Pops the value. */
static void set_value(lua_State *L, int index, enum job_value value)
{
    index = lua_absindex(L, index);
    lua_getuservalue(L, index);
    lua_insert(L, -2);
    lua_rawseti(L, -2, (int)value);
    lua_pop(L, 1);
}

/* --- from step to step --- */

static void release_buffers(void *owner)
{
    call_buffers_free(owner);
}

/* Makes ready what hand_over needs. From a step, in which a debug hook may raise at any call or
 * return: the engine gets nothing there that it would go on using. */
static void prepare(lua_State *L, struct job *job, struct engine_task *task)
{
    struct job_queue *queue = job_queue_push(L);
    lua_pop(L, 1); /* the registry keeps it */
    task->id = job->id;
    task->owner = job->call.buffers;
    task->release = release_buffers;
    task->response = &job->call.buffers->response;
    job->completion_queue = queue->completion_queue;
    client_transfer_queue(L, job->call.client);
    job->submission_due = true;
}

/* Outside of every call into Lua, so that nothing is raised once the engine has the task. Returns
 * what is wrong, a static string, or NULL. */
static const char *hand_over(struct job *job)
{
    struct transfer_queue *transfers = job->call.client->transfers;
    job->submission_due = false;
    if (transfers == NULL) /* a debug hook has closed the client */
        return "the client was closed";
    return engine_submit(job->completion_queue, transfers, &job->call.buffers->task);
}

static void prepare_request(lua_State *L, const struct call_context *context, struct job *job)
{
    struct engine_task *task = &job->call.buffers->task;
    client_push_value(L, context->client, CLIENT_TRANSPORT);
    job->send_locally = !lua_isnil(L, -1);
    lua_pop(L, 1);
    task->delay_ms = 0;
    if (job->send_locally)
        task->request.url = NULL;
    else
        call_fill_request(&job->call, &task->request);
    prepare(L, job, task);
}

static void prepare_pause(lua_State *L, struct job *job)
{
    struct engine_task *task = &job->call.buffers->task;
    task->request.url = NULL;
    task->delay_ms = job->call.wait_ms;
    prepare(L, job, task);
}

/* Takes steps until the engine has something to do (false), or the call is done
 * (true). */
static bool step(lua_State *L, const struct call_context *context, struct job *job)
{
    if (job->send_locally) {
        job->send_locally = false;
        transport_perform(L, context);
    }
    switch (call_next(L, context)) {
    case CALL_SEND:
        prepare_request(L, context, job);
        return false;
    case CALL_WAIT:
        prepare_pause(L, job);
        return false;
    case CALL_DONE:
        break;
    }
    return true;
}

/* --- the end --- */

/* From the table on the stack's top, which it pops. */
static void remove_from_table(lua_State *L, const struct job *job)
{
    lua_pushnil(L);
    job_queue_set_job(L, -2, job->id);
    lua_pop(L, 1);
}

/* Takes the job out of the tables that find it. Raises nothing. */
static void unregister_job(lua_State *L, int index, struct job *job)
{
    if (job->id == 0)
        return;
    job_push_value(L, index, JOB_CLIENT);
    client_push_value(L, lua_gettop(L), CLIENT_JOBS);
    remove_from_table(L, job);
    job_queue_push_existing(L);
    job_queue_push_value(L, lua_gettop(L), JOB_QUEUE_JOBS);
    remove_from_table(L, job);
    job_queue_push_value(L, lua_gettop(L), JOB_QUEUE_HELD);
    remove_from_table(L, job);
    lua_pop(L, 2);
}

/* Raises nothing and takes no memory. */
static void finish(lua_State *L, int index, enum job_state state)
{
    struct job *job = lua_touserdata(L, index);
    job->state = state;
    call_release(&job->call);
    unregister_job(L, index, job);
    if (job->callback_due)
        job_queue_append_ended(L, index);
}

/* Ends the job with the error on the stack's top, which it pops. */
static void fail(lua_State *L, int index)
{
    set_value(L, index, JOB_RESULT);
    finish(L, index, JOB_FAILED);
}

/* Runs protected: client, job, error. Returns the error as it is to be told. */
static int describe(lua_State *L)
{
    struct call_context context = {&((struct job *)lua_touserdata(L, 2))->call, 1};
    call_fail(L, &context);
    return 1;
}

/* Runs protected: client, job. Leaves nothing, or result and response. */
static int take_step(lua_State *L)
{
    struct job *job = lua_touserdata(L, 2);
    struct call_context context = {&job->call, 1};
    if (job->problem != NULL) {
        call_push_aborted(L, job->problem);
        return error_raise(L);
    }
    if (!step(L, &context, job))
        return 0;
    return call_push_result(L, &context);
}

int job_run_step(lua_State *L)
{
    struct call_context context = {&((struct job *)lua_touserdata(L, 2))->call, 1};
    lua_pushcfunction(L, take_step);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    if (lua_pcall(L, 2, LUA_MULTRET, 0) == 0)
        return lua_gettop(L) - 2;
    call_fail(L, &context);
    return error_raise(L);
}

/* Calls job_run_step protected; leaves what it returns or raises. */
static int call_step(lua_State *L, int index, struct job *job)
{
    job_queue_push_existing(L);
    job_queue_push_value(L, -1, JOB_QUEUE_ADVANCE);
    lua_remove(L, -2);
    job_push_value(L, index, JOB_CLIENT);
    lua_pushvalue(L, index);
    job->stepping = true;
    int status = lua_pcall(L, 2, LUA_MULTRET, 0);
    job->stepping = false;
    return status;
}

/* Whether what is on the stack's top is neither an error object nor about memory: a debug hook or,
 * up to Lua 5.3, somebody's finalizer has raised it. */
static bool is_from_outside(lua_State *L)
{
    return !error_is(L, -1) &&
           !(lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), ERROR_NO_MEMORY) == 0);
}

bool job_advance(lua_State *L, int index)
{
    struct job *job = lua_touserdata(L, index);
    int top = lua_gettop(L);
    int status = call_step(L, index, job);
    if (status == 0 && job->problem == NULL && job->submission_due)
        job->problem = hand_over(job);
    if (status == 0 && job->problem != NULL) { /* also from one of its own hooks */
        lua_settop(L, top);
        status = call_step(L, index, job);
    }
    if (status != 0) {
        job->interrupted = status == LUA_ERRRUN && is_from_outside(L);
        fail(L, index);
    } else if (lua_gettop(L) > top) {
        set_value(L, index, JOB_RESPONSE);
        set_value(L, index, JOB_RESULT);
        finish(L, index, JOB_SUCCEEDED);
    }
    lua_settop(L, top);
    return job->state != JOB_RUNNING;
}

/* Takes the exchange back from the engine: the engine may be writing into its
 * response, so the call goes on with a copy of what it sent. */
static void take_buffers_back(lua_State *L, struct call *call)
{
    struct call_buffers *shared = call->buffers;
    struct call_buffers *copy = call_buffers_take(call->client);
    bool copied = copy != NULL &&
                  buffer_append(&copy->url, call_buffers_url(shared), strlen(call_buffers_url(shared))) &&
                  header_list_copy(&copy->headers, &shared->headers);
    if (!copied) {
        call_buffers_free(copy);
        error_no_memory(L);
    }
    if (engine_cancel(&shared->task))
        call->buffers = copy;
    else
        call_buffers_free(copy);
}

void job_abort(lua_State *L, int index, const char *message)
{
    struct job *job = lua_touserdata(L, index);
    if (job->state != JOB_RUNNING)
        return;
    if (job->stepping) {
        job->problem = message;
        return;
    }
    luaL_checkstack(L, 20, "job");
    /* First everything that may raise for want of memory, so that the job either
     * goes on or ends. */
    lua_pushcfunction(L, describe);
    job_push_value(L, index, JOB_CLIENT);
    lua_pushvalue(L, index);
    call_push_aborted(L, message);
    take_buffers_back(L, &job->call);
    job->stepping = true;  /* on_error may cancel it once more */
    lua_pcall(L, 3, 1, 0); /* what it raises is the outcome then */
    job->stepping = false;
    fail(L, index);
}

/* Has the next collection hear of a job that has ended without the engine. */
static void notify_ended(lua_State *L, int index)
{
    const struct job *job = lua_touserdata(L, index);
    if (job->state == JOB_RUNNING || !job->callback_due)
        return;
    struct job_queue *queue = job_queue_push(L);
    lua_pop(L, 1);
    completion_queue_notify(queue->completion_queue);
}

/* --- making one --- */

static void read_callback(lua_State *L, int options, struct job *job, int index)
{
    if (!lua_istable(L, options))
        return;
    user_field_push(L, NULL, options, "callback", "reading the options");
    if (!lua_isnil(L, -1) && !lua_isfunction(L, -1))
        error_invalid(L, "callback: expected a function, got %s", error_type_name(L, -1));
    if (!lua_isnil(L, -1))
        job->callback_due = true;
    set_value(L, index, JOB_CALLBACK);
}

static void push_new(lua_State *L, int client, const struct operation *operation)
{
    struct job *job = vault_newuserdata(L, sizeof *job);
    memset(job, 0, sizeof *job);
    luaL_getmetatable(L, METATABLE);
    lua_setmetatable(L, -2);
    lua_createtable(L, JOB_NEXT, 0);
    lua_pushvalue(L, client);
    lua_rawseti(L, -2, JOB_CLIENT);
    lua_setuservalue(L, -2);
    call_init(L, &job->call, lua_touserdata(L, client), operation);
}

/* Puts the job where it is found by its id and kept while it runs. One of a client with a loop is
 * kept with its client: the loop collects it, whoever still knows the client. */
static void register_job(lua_State *L, int client, int index)
{
    struct job *job = lua_touserdata(L, index);
    struct job_queue *queue = job_queue_push(L);
    int queue_index = lua_gettop(L);
    job->id = ++queue->last_id;
    job_queue_push_value(L, queue_index, JOB_QUEUE_JOBS);
    lua_pushvalue(L, index);
    job_queue_set_job(L, -2, job->id);
    client_push_value(L, client, CLIENT_JOBS);
    lua_pushvalue(L, index);
    job_queue_set_job(L, -2, job->id);
    client_push_value(L, client, CLIENT_LOOP_WAIT);
    if (!lua_isnil(L, -1)) {
        job_queue_push_value(L, queue_index, JOB_QUEUE_HELD);
        lua_pushvalue(L, index);
        job_queue_set_job(L, -2, job->id);
    }
    lua_settop(L, queue_index - 1);
}

/* Stack positions of the function that runs protected. */
enum { START_CLIENT = 1, START_REQUEST, START_OPTIONS, START_JOB };

static int start(lua_State *L)
{
    struct job *job = lua_touserdata(L, START_JOB);
    struct call_context context = {&job->call, START_CLIENT};
    job->call.asynchronous = true;
    call_build(L, &context, START_REQUEST, START_OPTIONS);
    read_callback(L, START_OPTIONS, job, START_JOB);
    register_job(L, START_CLIENT, START_JOB);
    step(L, &context, job);
    return 0;
}

/* The error is on the stack's top. Nothing runs: the caller hears of it here, and only here. */
static int fail_to_start(lua_State *L, struct job *job)
{
    struct call_context context = {&job->call, START_CLIENT};
    job->callback_due = false;
    job->state = JOB_FAILED;
    unregister_job(L, START_JOB, job);
    call_fail(L, &context);
    call_release(&job->call);
    return error_raise(L);
}

int job_start(lua_State *L)
{
    lua_settop(L, 2); /* request, options */
    operations_push_client(L);
    lua_insert(L, START_CLIENT);
    push_new(L, START_CLIENT, operations_row(L));
    struct job *job = lua_touserdata(L, START_JOB);
    lua_pushcfunction(L, start);
    for (int i = START_CLIENT; i <= START_JOB; i++)
        lua_pushvalue(L, i);
    job->stepping = true;
    int status = lua_pcall(L, START_JOB, 0, 0);
    job->stepping = false;
    if (status != 0)
        return fail_to_start(L, job);
    if (job->problem != NULL) { /* one of its own hooks has ended it */
        call_step(L, START_JOB, job);
        fail(L, START_JOB);
        notify_ended(L, START_JOB);
        return 1;
    }
    const char *problem = hand_over(job);
    if (problem != NULL) {
        call_push_aborted(L, problem);
        return fail_to_start(L, job);
    }
    return 1;
}

/* --- methods --- */

void job_check_fork(lua_State *L, int index)
{
    struct job *job = lua_touserdata(L, index);
    if (job->state != JOB_RUNNING || job->completion_queue == NULL ||
        !completion_queue_belongs_to_parent(job->completion_queue))
        return;
    job_abort(L, index, "the call was started before the process forked");
    notify_ended(L, index);
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
    notify_ended(L, 1);
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
        set_value(L, 1, JOB_WAITERS);
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

void job_detach_all(lua_State *L, int queue)
{
    job_queue_push_value(L, queue, JOB_QUEUE_JOBS);
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
    static const struct metatable_description description = {.name = METATABLE,
                                                         .metamethods = metamethods,
                                                         .methods = {methods},
                                                         .index = m__index,
                                                         .hidden = true};
    metatable_register(L, &description);
}
