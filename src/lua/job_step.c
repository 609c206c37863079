#include "lua/job_step.h"

#include "call/call.h"
#include "call/error.h"
#include "call/transport.h"
#include "lua/job_finish.h"
#include "lua/job_queue.h"

#include <string.h>

static void release_buffers(void *owner)
{
    call_buffers_free(owner);
}

/* Prepares what job_submit needs. Does not submit: a debug hook may raise at any call and return of
 * this step, and the engine would keep the task. */
static void prepare_submission(lua_State *L, struct job *job, struct engine_task *task)
{
    struct job_queue *queue = job_queue_push(L);
    lua_pop(L, 1); /* the registry keeps it */
    task->id = job->id;
    task->owner = job->call.buffers;
    task->release = release_buffers;
    job->completion_queue = queue->completion_queue;
    client_transfer_queue(L, job->call.client);
    job->submission_due = true;
}

/* Outside of every call into Lua, so that nothing is raised once the engine has the task. */
struct status job_submit(struct job *job)
{
    struct transfer_queue *transfers = job->call.client->transfers;
    job->submission_due = false;
    if (transfers == NULL) /* a debug hook has closed the client */
        return status_unavailable("the client was closed");
    return engine_submit(job->completion_queue, transfers, &job->call.buffers->task);
}

static void prepare_request(lua_State *L, const struct call_context *context, struct job *job)
{
    struct call_buffers *buffers = job->call.buffers;
    client_push_value(L, context->client, CLIENT_TRANSPORT);
    job->use_transport = !lua_isnil(L, -1);
    lua_pop(L, 1);
    buffers->task.kind = job->use_transport ? ENGINE_TASK_TIMER : ENGINE_TASK_TRANSFER;
    buffers->task.request = &buffers->request;
    buffers->task.response = &buffers->response;
    buffers->task.delay_ms = 0;
    if (!job->use_transport)
        call_fill_request(&job->call);
    prepare_submission(L, job, &buffers->task);
}

static void prepare_pause(lua_State *L, struct job *job)
{
    struct engine_task *task = &job->call.buffers->task;
    task->kind = ENGINE_TASK_TIMER;
    task->delay_ms = job->call.wait_ms;
    prepare_submission(L, job, task);
}

bool job_take_step(lua_State *L, const struct call_context *context, struct job *job)
{
    if (job->use_transport) {
        job->use_transport = false;
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

/* Arguments: client, job. Returns nothing, or the result and the response. */
static int step_or_result(lua_State *L)
{
    struct job *job = lua_touserdata(L, 2);
    struct call_context context = {&job->call, 1};
    if (job->problem != NULL) {
        call_push_aborted(L, job->problem);
        return error_raise(L);
    }
    if (!job_take_step(L, &context, job))
        return 0;
    return call_push_result(L, &context);
}

int job_step_function(lua_State *L)
{
    struct call_context context = {&((struct job *)lua_touserdata(L, 2))->call, 1};
    lua_pushcfunction(L, step_or_result);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    if (lua_pcall(L, 2, LUA_MULTRET, 0) == 0)
        return lua_gettop(L) - 2;
    call_fail(L, &context);
    return error_raise(L);
}

int job_call_step_function(lua_State *L, int index, struct job *job)
{
    job_queue_push_existing(L);
    job_queue_push_value(L, -1, JOB_QUEUE_STEP_FUNCTION);
    lua_remove(L, -2);
    job_push_value(L, index, JOB_CLIENT);
    lua_pushvalue(L, index);
    job->stepping = true;
    int status = lua_pcall(L, 2, LUA_MULTRET, 0);
    job->stepping = false;
    return status;
}

/* Whether the value on top of the stack is neither an error object nor a memory error: a debug hook
 * has raised it or, up to Lua 5.3, a finalizer of the program. */
static bool is_interruption(lua_State *L)
{
    return !error_is(L, -1) &&
           !(lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), ERROR_NO_MEMORY) == 0);
}

bool job_advance(lua_State *L, int index)
{
    struct job *job = lua_touserdata(L, index);
    int top = lua_gettop(L);
    int status = job_call_step_function(L, index, job);
    if (status == 0 && job->problem == NULL && job->submission_due)
        job->problem = job_submit(job).message;
    if (status == 0 && job->problem != NULL) { /* a hook may have cancelled the job */
        lua_settop(L, top);
        status = job_call_step_function(L, index, job);
    }
    if (status != 0) {
        job->interrupted = status == LUA_ERRRUN && is_interruption(L);
        job_fail(L, index);
    } else if (lua_gettop(L) > top) {
        job_set_value(L, index, JOB_RESPONSE);
        job_set_value(L, index, JOB_RESULT);
        job_finish(L, index, JOB_SUCCEEDED);
    }
    lua_settop(L, top);
    return job->state != JOB_RUNNING;
}
