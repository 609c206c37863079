#include "lua/job_collect.h"

#include "base/clock.h"
#include "call/error.h"
#include "call/interrupt.h"
#include "lua/job_finish.h"
#include "lua/job_queue.h"
#include "lua/job_step.h"

#include <math.h>

/* --- finished tasks --- */

/* A collection in progress. */
struct collection {
    struct job_queue *queue;
    int queue_index;       /* stack index */
    int failure;           /* stack index of the error to raise at the end; nil: none */
    int without_callbacks; /* number of ended jobs without callback and waiters */
};

/* Pushes two values: collection->failure and the queue. */
static void collection_begin(lua_State *L, struct collection *collection)
{
    luaL_checkstack(L, 40, "collect");
    lua_pushnil(L);
    collection->failure = lua_gettop(L);
    collection->queue = job_queue_push(L);
    collection->queue_index = lua_gettop(L);
    collection->without_callbacks = 0;
}

/* The job on top of the stack has ended. */
static void record_end(lua_State *L, struct collection *collection)
{
    const struct job *job = lua_touserdata(L, -1);
    if (!job->callback_due)
        collection->without_callbacks++;
    /* An interruption during a step is the outcome of that job, but the caller of the collection
     * must get it, too. */
    if (job->interrupted && lua_isnil(L, collection->failure)) {
        job_push_value(L, lua_gettop(L), JOB_RESULT);
        lua_replace(L, collection->failure);
    }
}

/* Takes the next step of the jobs whose tasks are finished, until the time `end`. False: there may
 * be more. */
static bool collect_finished(lua_State *L, struct collection *collection, double end)
{
    struct engine_task *task = NULL;
    job_queue_push_value(L, collection->queue_index, JOB_QUEUE_JOBS);
    int jobs = lua_gettop(L);
    /* Nothing in this loop may raise: a task that is taken out of the queue is in no other list. */
    do {
        task = completion_queue_take(collection->queue->completion_queue);
        if (task == NULL)
            break;
        job_queue_push_job(L, jobs, task->id);
        /* nil: the job has been garbage-collected, and its finalizer frees the task. */
        if (!lua_isnil(L, -1) && job_advance(L, lua_gettop(L)))
            record_end(L, collection);
        lua_pop(L, 1);
    } while (end == HUGE_VAL || clock_monotonic_ms() < end);
    lua_pop(L, 1);
    return task == NULL;
}

static void abort_if_forked(lua_State *L, int index, const char *message)
{
    (void)message;
    job_abort_if_forked(L, index);
}

/* In a forked child: aborts the jobs of the parent, which cannot finish here. */
static void abort_jobs_of_parent(lua_State *L, struct job_queue *queue, int queue_index)
{
    if (!queue->forked)
        return;
    queue->forked = false;
    job_queue_push_value(L, queue_index, JOB_QUEUE_JOBS);
    job_each(L, abort_if_forked, NULL);
}

/* --- callbacks --- */

/* Calls callback(result, nil, response) or callback(nil, err), protected. False: it raised, and the
 * error is on top of the stack. */
static bool run_callback(lua_State *L, int index)
{
    struct job *job = lua_touserdata(L, index);
    job_push_value(L, index, JOB_CALLBACK);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return true;
    }
    bool succeeded = job->state == JOB_SUCCEEDED;
    if (!succeeded)
        lua_pushnil(L);
    job_push_value(L, index, JOB_RESULT);
    if (succeeded) {
        lua_pushnil(L);
        job_push_value(L, index, JOB_RESPONSE);
    }
    return lua_pcall(L, succeeded ? 3 : 2, 0, 0) == 0;
}

/* Calls the callback and the waiters once each, even if one of them raises. False: one raised, and
 * the first error is on top of the stack. */
static bool run_callback_and_waiters(lua_State *L, int index)
{
    struct job *job = lua_touserdata(L, index);
    if (!job->callback_due)
        return true;
    job->callback_due = false;
    bool passed = run_callback(L, index);
    job_push_value(L, index, JOB_WAITERS);
    int waiters = lua_gettop(L);
    int count = lua_istable(L, waiters) ? (int)lua_rawlen(L, waiters) : 0;
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, waiters, i);
        if (lua_pcall(L, 0, 0, 0) == 0)
            continue;
        if (passed) {
            passed = false;
            lua_insert(L, waiters);
            waiters++;
        } else {
            lua_pop(L, 1);
        }
    }
    lua_remove(L, waiters);
    return passed;
}

/* Runs the callbacks of all ended jobs, then raises the first error: the value at `failure` unless
 * that is nil, else that of the first callback that raised. Returns the number of these jobs. */
static int run_due_callbacks(lua_State *L, int failure)
{
    int count = 0, top = lua_gettop(L);
    luaL_checkstack(L, 20, "collect");
    bool failed = !lua_isnil(L, failure);
    for (job_queue_take_ended(L); !lua_isnil(L, -1); job_queue_take_ended(L)) {
        count++;
        if (!run_callback_and_waiters(L, lua_gettop(L)) && !failed) {
            failed = true;
            lua_replace(L, failure);
        }
        lua_settop(L, top);
    }
    lua_settop(L, failure);
    if (failed)
        error_raise(L);
    return count;
}

/* --- waiting --- */

static bool has_due_callbacks(lua_State *L, int queue_index)
{
    job_queue_push_value(L, queue_index, JOB_QUEUE_FIRST);
    bool present = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return present;
}

static bool is_wait_over(lua_State *L, int job, const struct collection *collection)
{
    if (!lua_isnil(L, collection->failure))
        return true;
    if (job != 0)
        return ((struct job *)lua_touserdata(L, job))->state != JOB_RUNNING;
    return collection->without_callbacks > 0 || has_due_callbacks(L, collection->queue_index);
}

/* Waits until the engine has finished a task, at most `left` milliseconds (negative: no limit). */
static void wait_for_engine(lua_State *L, const struct collection *collection, double left,
                            const struct interrupt *interrupt)
{
    bool sliced = left < 0 || left > INTERRUPT_SLICE_MS;
    struct completion_queue *queue = collection->queue->completion_queue;
    completion_queue_wait(queue, sliced ? INTERRUPT_SLICE_MS : left);
    if (interrupt_run_hooks(L, interrupt))
        return;
    /* The ended jobs have been collected, so the descriptor is no longer readable for them. */
    if (has_due_callbacks(L, collection->queue_index))
        completion_queue_notify(collection->queue->completion_queue);
    error_raise(L);
}

int job_collect(lua_State *L, int job, double timeout_ms)
{
    int top = lua_gettop(L);
    struct collection collection;
    struct interrupt interrupt;
    collection_begin(L, &collection);
    interrupt_begin(L, &interrupt);
    double deadline = clock_monotonic_ms() + timeout_ms;
    for (;;) {
        abort_jobs_of_parent(L, collection.queue, collection.queue_index);
        collect_finished(L, &collection, HUGE_VAL);
        double left = timeout_ms < 0 ? -1 : deadline - clock_monotonic_ms();
        if (is_wait_over(L, job, &collection) || (timeout_ms >= 0 && left <= 0))
            break;
        wait_for_engine(L, &collection, left, &interrupt);
    }
    int count = collection.without_callbacks + run_due_callbacks(L, collection.failure);
    lua_settop(L, top);
    return count;
}

bool job_collect_slice(lua_State *L, double budget_ms)
{
    int top = lua_gettop(L);
    struct collection collection;
    collection_begin(L, &collection);
    bool all = collect_finished(L, &collection, clock_monotonic_ms() + budget_ms);
    run_due_callbacks(L, collection.failure);
    lua_settop(L, top);
    return all;
}

void job_collect_aborted(lua_State *L, int index)
{
    int top = lua_gettop(L);
    luaL_checkstack(L, 20, "collect");
    client_push_value(L, index, CLIENT_JOBS);
    job_each(L, job_abort, "the client was closed");
    lua_pushnil(L);
    run_due_callbacks(L, top + 1);
    lua_settop(L, top);
}

/* Not a job of the parent in a forked child, nor one whose own hook is running: waiting for these
 * would never end. */
static bool can_finish(const struct job *job)
{
    return job->state == JOB_RUNNING && !job->stepping &&
           !(job->completion_queue != NULL &&
             completion_queue_belongs_to_parent(job->completion_queue));
}

bool job_collect_is_pending(lua_State *L)
{
    job_queue_push_existing(L);
    int queue = lua_gettop(L);
    bool due = has_due_callbacks(L, queue);
    job_queue_push_value(L, queue, JOB_QUEUE_JOBS);
    lua_pushnil(L);
    while (!due && lua_next(L, queue + 1)) {
        due = can_finish(lua_touserdata(L, -1));
        lua_pop(L, 1);
    }
    lua_settop(L, queue - 1);
    return due;
}
