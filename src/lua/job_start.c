#include "lua/job_start.h"

#include "call/call.h"
#include "call/error.h"
#include "call/user_field.h"
#include "lua/job_finish.h"
#include "lua/job_queue.h"
#include "lua/job_step.h"
#include "lua/operations.h"

#include <string.h>

static void read_callback(lua_State *L, int options, struct job *job, int index)
{
    if (!lua_istable(L, options))
        return;
    user_field_push(L, NULL, options, "callback", "reading the options");
    if (!lua_isnil(L, -1) && !lua_isfunction(L, -1))
        error_invalid(L, "callback: expected a function, got %s", error_type_name(L, -1));
    if (!lua_isnil(L, -1))
        job->callback_due = true;
    job_set_value(L, index, JOB_CALLBACK);
}

static void push_new_job(lua_State *L, int client, const struct operation *operation)
{
    struct job *job = vault_newuserdata(L, sizeof *job);
    memset(job, 0, sizeof *job);
    luaL_getmetatable(L, JOB_METATABLE);
    lua_setmetatable(L, -2);
    lua_createtable(L, JOB_NEXT, 0);
    lua_pushvalue(L, client);
    lua_rawseti(L, -2, JOB_CLIENT);
    lua_setuservalue(L, -2);
    call_init(L, &job->call, lua_touserdata(L, client), operation);
}

/* Adds the job to the tables that have it by its id and keep it alive while it runs. With a loop
 * they keep its client alive as well: the loop collects the job even if the program has dropped the
 * client. */
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

/* Stack indexes in start_protected. */
enum { START_CLIENT = 1, START_REQUEST, START_OPTIONS, START_JOB };

static int start_protected(lua_State *L)
{
    struct job *job = lua_touserdata(L, START_JOB);
    struct call_context context = {&job->call, START_CLIENT};
    job->call.asynchronous = true;
    operations_build_call(L, &context, START_REQUEST, START_OPTIONS);
    read_callback(L, START_OPTIONS, job, START_JOB);
    register_job(L, START_CLIENT, START_JOB);
    job_take_step(L, &context, job);
    return 0;
}

/* The error is on top of the stack. The job has not started, so the error is raised and the
 * callback is not called. */
static int fail_to_start(lua_State *L, struct job *job)
{
    struct call_context context = {&job->call, START_CLIENT};
    job->callback_due = false;
    job->state = JOB_FAILED;
    job_unregister(L, START_JOB, job);
    call_fail(L, &context);
    call_release(&job->call);
    return error_raise(L);
}

int job_start(lua_State *L)
{
    lua_settop(L, 2); /* request, options */
    operations_push_client(L);
    lua_insert(L, START_CLIENT);
    push_new_job(L, START_CLIENT, operations_row(L));
    struct job *job = lua_touserdata(L, START_JOB);
    lua_pushcfunction(L, start_protected);
    for (int i = START_CLIENT; i <= START_JOB; i++)
        lua_pushvalue(L, i);
    job->stepping = true;
    int status = lua_pcall(L, START_JOB, 0, 0);
    job->stepping = false;
    if (status != 0)
        return fail_to_start(L, job);
    if (job->problem != NULL) { /* a hook has cancelled the job */
        job_call_step_function(L, START_JOB, job);
        job_fail(L, START_JOB);
        job_notify_ended(L, START_JOB);
        return 1;
    }
    struct status submitted = job_submit(job);
    if (submitted.code != STATUS_CODE_OK) {
        call_push_aborted(L, submitted.message);
        return fail_to_start(L, job);
    }
    return 1;
}
