/* The engine's thread, the only one that uses the curl handles of tasks. */
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* SCHED_BATCH */
#endif
#include "http/engine_private.h"

#include "base/clock.h"

#include <limits.h>
#include <sched.h>
#include <string.h>

enum { LONGEST_POLL_MS = 60000, RUN_ALL_INTERVAL_MS = 1000 };

/* The kernel lets a thread that wakes up preempt the one that woke it, but not if it has the batch
 * policy. So starting calls takes microseconds of a game's frame instead of milliseconds
 * (sched(7)). */
static void use_batch_scheduling(void)
{
#ifdef SCHED_BATCH
    struct sched_param parameter;
    memset(&parameter, 0, sizeof parameter);
    pthread_setschedparam(pthread_self(), SCHED_BATCH, &parameter);
#endif
}

/* --- the end of a task --- */

/* Drops the task's reference to its queue; the engine's mutex must be held. Does not free the queue
 * here, as the caller may be using its pool. */
static void drop_transfer_queue(struct engine *engine, struct engine_task *task)
{
    struct transfer_queue *queue = task->queue;
    task->queue = NULL;
    if (--queue->references > 0)
        return;
    queue->next = engine->unused;
    engine->unused = queue;
}

static void free_unused(struct engine *engine)
{
    while (engine->unused != NULL) {
        struct transfer_queue *queue = engine->unused;
        engine->unused = queue->next;
        transfer_queue_free(queue);
    }
}

void engine_deliver(struct engine *engine, struct engine_task *task)
{
    struct completion_queue *completions = task->completions;
    pthread_mutex_lock(&engine->mutex);
    drop_transfer_queue(engine, task);
    /* A cancelled task is in engine->cancelled and is released from there. */
    if (task->state == ENGINE_TASK_ACTIVE) {
        bool first = completions->finished.first == NULL;
        engine_task_set_state(task, ENGINE_TASK_FINISHED);
        task_list_append(&completions->finished, task);
        if (first)
            notifier_signal(&completions->notifier);
    }
    pthread_mutex_unlock(&engine->mutex);
}

static void end_running(struct engine *engine, struct engine_task *task, CURLcode code)
{
    struct connection_pool *pool = task->pool;
    transfer_end(task->transfer, code);
    curl_multi_remove_handle(pool->source.multi, task->transfer->easy);
    transfer_queue_record_end(pool, task);
    transfer_queue_remove_running(task);
    if (engine->starting == task)
        engine->starting = NULL;
    engine_deliver(engine, task);
}

/* libcurl has run out of memory between two transfers and cannot recover: a socket that it could
 * not add to the poller is never added again, and 7.88 divides by zero when it next uses that
 * socket's list of transfers. Ends the running transfers; the next one gets another multi
 * handle. */
static void replace_multi(struct engine *engine, struct connection_pool *pool)
{
    struct engine_task *task;
    while ((task = pool->running.first) != NULL)
        end_running(engine, task, CURLE_OUT_OF_MEMORY);
    connection_pool_free(pool);
}

void engine_end_finished(struct engine *engine, struct connection_pool *pool)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(pool->source.multi, &left)) != NULL) {
        char *private = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        end_running(engine, (struct engine_task *)(void *)private, code);
    }
    if (pool->source.failed) {
        replace_multi(engine, pool);
        return;
    }
    transfer_queue_record_connections(pool);
    if (pool->draining)
        connection_pool_drain(pool);
}

/* --- the start of a task --- */

static void enqueue(struct engine *engine, struct engine_task *task)
{
    struct transfer_queue *queue = task->queue;
    if (task->kind == ENGINE_TASK_TIMER) {
        engine_deliver(engine, task);
        return;
    }
    task_list_append(&queue->queued, task);
    transfer_queue_start_queued(engine, queue);
}

static void start_due(struct engine *engine)
{
    struct timer *timer;
    double now = clock_monotonic_ms();
    while ((timer = timer_queue_take_due(&engine->delayed, now)) != NULL)
        enqueue(engine, TIMER_OWNER(timer, struct engine_task, timer));
    while ((timer = timer_queue_take_due(&engine->waiting, now)) != NULL) {
        struct transfer_queue *queue = TIMER_OWNER(timer, struct transfer_queue, timer);
        queue->capacity = LONG_MAX;
        transfer_queue_start_queued(engine, queue);
    }
}

/* --- requests of other threads --- */

static void stop_running(struct engine_task *task)
{
    struct connection_pool *pool = task->pool;
    transfer_end(task->transfer, CURLE_ABORTED_BY_CALLBACK);
    curl_multi_remove_handle(pool->source.multi, task->transfer->easy);
    transfer_queue_remove_running(task);
    if (pool->draining)
        connection_pool_drain(pool);
}

/* Stops a task that is in one of the thread's lists. */
static void stop_task(struct engine *engine, struct engine_task *task)
{
    struct transfer_queue *queue = task->queue;
    if (task->transfer != NULL) {
        stop_running(task);
        transfer_queue_start_queued(engine, queue);
    } else if (task->timer.is_set) {
        timer_queue_remove(&engine->delayed, &task->timer);
    } else {
        task_list_remove(&queue->queued, task);
    }
    pthread_mutex_lock(&engine->mutex);
    drop_transfer_queue(engine, task);
    pthread_mutex_unlock(&engine->mutex);
}

static void release_cancelled(struct engine *engine, struct engine_task *task)
{
    struct completion_queue *completions = task->completions;
    if (task->queue != NULL) /* else it has just ended */
        stop_task(engine, task);
    task->release(task->owner);
    completion_queue_release(completions);
}

struct requests {
    struct task_list submitted;
    struct engine_task *cancelled;
    struct transfer_queue *closed;
    bool stopping;
};

static struct requests take_requests(struct engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    struct requests requests = {engine->submitted, engine->cancelled, engine->closed,
                                engine->stopping};
    engine->submitted = (struct task_list){NULL, NULL};
    engine->cancelled = NULL;
    engine->closed = NULL;
    pthread_mutex_unlock(&engine->mutex);
    return requests;
}

static void process_requests(struct engine *engine, struct requests *requests)
{
    struct engine_task *task;
    while ((task = task_list_take(&requests->submitted)) != NULL) {
        if (task->timer.due > 0)
            timer_queue_set(&engine->delayed, &task->timer, task->timer.due);
        else
            enqueue(engine, task);
    }
    for (task = requests->cancelled; task != NULL;) {
        struct engine_task *next = task->next_cancelled;
        release_cancelled(engine, task);
        task = next;
    }
    while (requests->closed != NULL) {
        struct transfer_queue *queue = requests->closed;
        requests->closed = queue->next;
        transfer_queue_free(queue);
    }
}

static int poll_timeout(const struct engine *engine)
{
    double now = clock_monotonic_ms();
    bool looks = engine->runs_all && engine->running_count > 0;
    int longest = looks ? RUN_ALL_INTERVAL_MS : LONGEST_POLL_MS;
    return timer_queue_time_left(&engine->waiting, now,
                                 timer_queue_time_left(&engine->delayed, now, longest));
}

/* Called when the thread ends. Tasks are not finished any more, as the process exits, but no easy
 * handle may stay in a multi handle. */
static void detach_all(struct engine *engine)
{
    for (struct connection_pool *pool = engine->pools; pool != NULL; pool = pool->next) {
        struct engine_task *task;
        while ((task = task_list_take(&pool->running)) != NULL) {
            transfer_stop_connecting(task->transfer);
            curl_multi_remove_handle(pool->source.multi, task->transfer->easy);
            transfer_free(task->transfer);
        }
        pool->running_count = 0;
    }
    pthread_mutex_lock(&engine->mutex);
    engine->stopped = true;
    pthread_mutex_unlock(&engine->mutex);
}

/* Lets a waiting fork go first: without fork_mutex, unlocking busy_mutex and locking it at once may
 * never let another thread have it. */
static void lock_busy_mutex(struct engine *engine)
{
    pthread_mutex_lock(&engine->fork_mutex);
    pthread_mutex_unlock(&engine->fork_mutex);
    pthread_mutex_lock(&engine->busy_mutex);
}

void engine_allow_fork(struct engine *engine)
{
    if (pthread_mutex_trylock(&engine->fork_mutex) == 0) {
        pthread_mutex_unlock(&engine->fork_mutex);
        return;
    }
    pthread_mutex_unlock(&engine->busy_mutex);
    lock_busy_mutex(engine);
}

/* Called after libcurl has worked on the pool. */
static void process_pool(struct engine *engine, struct connection_pool *pool)
{
    struct transfer_queue *queue = pool->queue;
    engine_end_finished(engine, pool);
    transfer_queue_start_queued(engine, queue);
    engine_allow_fork(engine);
}

static void run_all_transfers(struct engine *engine)
{
    double now = clock_monotonic_ms();
    if (!engine->runs_all || now - engine->last_run_all < RUN_ALL_INTERVAL_MS)
        return;
    engine->last_run_all = now;
    struct connection_pool *next;
    for (struct connection_pool *pool = engine->pools; pool != NULL; pool = next) {
        struct transfer_queue *queue = pool->queue;
        next = pool->next;
        if (pool->running_count == 0)
            continue;
        poller_run_all(&pool->source);
        engine_end_finished(engine, pool);
        /* By a timer: starting transfers here might free the next pool. */
        timer_queue_set(&engine->waiting, &queue->timer, now);
        engine_allow_fork(engine);
    }
}

static void process_ready_pools(struct engine *engine)
{
    struct poller_source *source;
    while ((source = poller_next(engine->poller)) != NULL)
        process_pool(engine, TIMER_OWNER(source, struct connection_pool, source));
}

void *engine_run(void *context)
{
    struct engine *engine = context;
    use_batch_scheduling();
    pthread_mutex_lock(&engine->busy_mutex);
    for (;;) {
        struct requests requests = take_requests(engine);
        process_requests(engine, &requests);
        if (requests.stopping)
            break;
        start_due(engine);
        free_unused(engine);
        int timeout_ms = poll_timeout(engine);
        pthread_mutex_unlock(&engine->busy_mutex);
        poller_wait(engine->poller, timeout_ms);
        lock_busy_mutex(engine);
        process_ready_pools(engine);
        run_all_transfers(engine);
    }
    detach_all(engine);
    free_unused(engine);
    pthread_mutex_unlock(&engine->busy_mutex);
    return NULL;
}
