#include "lua/job_finish.h"

#include "call/call.h"
#include "call/error.h"
#include "lua/job_queue.h"

#include <string.h>

/* Removes the job from the table on top of the stack, and pops the table. */
static void remove_from_table(lua_State *L, const struct job *job)
{
    lua_pushnil(L);
    job_queue_set_job(L, -2, job->id);
    lua_pop(L, 1);
}

void job_unregister(lua_State *L, int index, struct job *job)
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

void job_finish(lua_State *L, int index, enum job_state state)
{
    struct job *job = lua_touserdata(L, index);
    job->state = state;
    call_release(&job->call);
    job_unregister(L, index, job);
    if (job->callback_due)
        job_queue_append_ended(L, index);
}

void job_fail(lua_State *L, int index)
{
    job_set_value(L, index, JOB_RESULT);
    job_finish(L, index, JOB_FAILED);
}

/* Called with client, job, error. Returns the error to report. */
static int run_call_fail(lua_State *L)
{
    struct call_context context = {&((struct job *)lua_touserdata(L, 2))->call, 1};
    call_fail(L, &context);
    return 1;
}

/* Cancels the engine's task. If the engine still has it, it may be writing into the buffers, so the
 * call gets new ones with a copy of the URL and headers. */
static void replace_shared_buffers(lua_State *L, struct call *call)
{
    struct call_buffers *shared = call->buffers;
    struct call_buffers *copy = call_buffers_take(call->client);
    bool copied =
        copy != NULL &&
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
    /* Everything that may raise a memory error comes first, so that the job then ends for certain.
     */
    lua_pushcfunction(L, run_call_fail);
    job_push_value(L, index, JOB_CLIENT);
    lua_pushvalue(L, index);
    call_push_aborted(L, message);
    replace_shared_buffers(L, &job->call);
    job->stepping = true;  /* on_error may call job:cancel() */
    lua_pcall(L, 3, 1, 0); /* if it raises, that is the outcome */
    job->stepping = false;
    job_fail(L, index);
}

void job_notify_ended(lua_State *L, int index)
{
    const struct job *job = lua_touserdata(L, index);
    if (job->state == JOB_RUNNING || !job->callback_due)
        return;
    struct job_queue *queue = job_queue_push(L);
    lua_pop(L, 1);
    completion_queue_notify(queue->completion_queue);
}

void job_abort_if_forked(lua_State *L, int index)
{
    struct job *job = lua_touserdata(L, index);
    if (job->state != JOB_RUNNING || job->completion_queue == NULL ||
        !completion_queue_belongs_to_parent(job->completion_queue))
        return;
    job_abort(L, index, "the call was started before the process forked");
    job_notify_ended(L, index);
}

void job_each(lua_State *L, job_visit *visit, const char *message)
{
    int jobs = lua_gettop(L), count = 0;
    lua_newtable(L); /* a list, since the table changes meanwhile */
    for (lua_pushnil(L); lua_next(L, jobs) != 0;)
        lua_rawseti(L, jobs + 1, ++count);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, jobs + 1, i);
        visit(L, lua_gettop(L), message);
        lua_settop(L, jobs + 1);
    }
    lua_settop(L, jobs - 1);
}
