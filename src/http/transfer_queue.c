/* Decides when a queued transfer starts: when a connection is available at once, since time spent
 * in libcurl's own queue would count towards its timeout (CURLOPT_TIMEOUT_MS(3)). libcurl does not
 * tell which connection has room, so transfers are started one by one; one that libcurl makes wait
 * is removed again, and shows how many there is room for. */
#include "http/engine_private.h"

#include "base/clock.h"

#include <limits.h>
#include <stdlib.h>

enum {
    IDLE_HANDLES = 256, /* kept per queue: creating one costs more than a call */
    /* If transfers may share a connection, the next one waits until the first one shows whether
     * they do, at most so long. */
    EXCLUSIVE_MS = 1000,
    /* Until the server's settings arrive (RFC 9113 section 3.4), libcurl assumes 100 streams per
     * connection, and nghttp2 queues those that the server does not accept. They arrive with the
     * first packets after the handshake, so for as long as that took, only some transfers start. */
    INITIAL_TRANSFERS = 8,
    SHORTEST_SETTINGS_MS = 5,
    LONGEST_SETTINGS_MS = 250,
    RETRY_MS = 50,
    ENDED_BEFORE_RETRY = 100 /* then try one more than the capacity */
};

/* --- easy handles --- */

static struct transfer *take_transfer(struct transfer_queue *queue)
{
    struct transfer *transfer = queue->idle;
    if (transfer == NULL) {
        transfer_new(&queue->options, &transfer); /* the client has checked the options */
        return transfer;
    }
    queue->idle = transfer->next_idle;
    queue->idle_count--;
    return transfer;
}

static void return_transfer(struct transfer_queue *queue, struct transfer *transfer)
{
    if (queue->idle_count >= IDLE_HANDLES) {
        transfer_free(transfer);
        return;
    }
    transfer->next_idle = queue->idle;
    queue->idle = transfer;
    queue->idle_count++;
}

void transfer_queue_remove_running(struct engine_task *task)
{
    struct connection_pool *pool = task->pool;
    task_list_remove(&pool->running, task);
    pool->running_count--;
    pool->engine->running_count--;
    return_transfer(task->queue, task->transfer);
    task->transfer = NULL;
    task->pool = NULL;
}

void transfer_queue_free(struct transfer_queue *queue)
{
    if (queue->pool != NULL)
        connection_pool_free(queue->pool);
    while (queue->idle != NULL) {
        struct transfer *transfer = queue->idle;
        queue->idle = transfer->next_idle;
        transfer_free(transfer);
    }
    if (queue->engine != NULL)
        timer_queue_remove(&queue->engine->waiting, &queue->timer);
    trust_files_close(&queue->trust_files);
    transfer_options_free(&queue->options);
    free(queue);
}

/* --- the state of the connections --- */

void transfer_queue_record_connections(struct connection_pool *pool)
{
    struct transfer_queue *queue = pool->queue;
    if (pool != queue->pool || pool->sockets.made == queue->made)
        return;
    double took = pool->sockets.last_connect_ms;
    took = took < SHORTEST_SETTINGS_MS ? SHORTEST_SETTINGS_MS : took;
    queue->made = pool->sockets.made;
    queue->capacity = LONG_MAX;
    queue->initial_limit = pool->running_count + INITIAL_TRANSFERS - 1;
    queue->initial_limit_until =
        clock_monotonic_ms() + (took > LONGEST_SETTINGS_MS ? LONGEST_SETTINGS_MS : took);
}

void transfer_queue_record_end(struct connection_pool *pool, const struct engine_task *task)
{
    struct transfer_queue *queue = pool->queue;
    const char *version = task->response->http_version;
    if (version != NULL)
        queue->sharing = version[0] == '2' ? ENGINE_SHARING : ENGINE_SEPARATE;
    if (queue->capacity == LONG_MAX || ++queue->ended < ENDED_BEFORE_RETRY ||
        queue->ended < queue->capacity)
        return;
    queue->capacity++;
    queue->ended = 0;
}

static bool has_room(struct engine *engine, struct transfer_queue *queue)
{
    const struct connection_pool *pool = queue->pool;
    if (pool == NULL)
        return true;
    if (pool->running_count >= queue->capacity)
        return false;
    if (queue->sharing == ENGINE_SEPARATE ||
        !transfer_may_share(queue->options.http_version, queue->queued.first->request->url))
        return true;
    double until = pool->sockets.connecting > 0 ? queue->exclusive_until : 0;
    if (pool->running_count >= queue->initial_limit && queue->initial_limit_until > until)
        until = queue->initial_limit_until;
    if (until <= clock_monotonic_ms())
        return true;
    timer_queue_set(&engine->waiting, &queue->timer, until);
    return false;
}

/* --- the start --- */

/* Returns the task to the front of the queue. */
static void requeue(struct engine *engine, struct engine_task *task)
{
    struct transfer_queue *queue = task->queue;
    struct connection_pool *pool = task->pool;
    transfer_end(task->transfer, CURLE_ABORTED_BY_CALLBACK);
    curl_multi_remove_handle(pool->source.multi, task->transfer->easy);
    transfer_queue_remove_running(task);
    task_list_prepend(&queue->queued, task);
    queue->capacity = pool->running_count;
    queue->ended = 0;
    if (pool->running_count == 0) /* no transfer will end and make room */
        timer_queue_set(&engine->waiting, &queue->timer, clock_monotonic_ms() + RETRY_MS);
}

/* Finds out whether transfers share connections before the first response does: by what libcurl
 * does with the second transfer. */
static void record_start(struct engine_task *task, double now)
{
    struct transfer_queue *queue = task->queue;
    const struct connection_pool *pool = task->pool;
    bool connecting = task->transfer->connecting;
    if (connecting)
        queue->exclusive_until = now + EXCLUSIVE_MS;
    if (queue->sharing != ENGINE_SHARING_UNKNOWN || pool->running_count < 2)
        return;
    if (!connecting && pool->running_count > (long)pool->sockets.count)
        queue->sharing = ENGINE_SHARING;
    else if (connecting && pool->sockets.made > 0)
        queue->sharing = ENGINE_SEPARATE;
}

/* False: there was no memory, or it has ended already. */
static bool add_to_pool(struct engine *engine, struct engine_task *task)
{
    struct transfer_queue *queue = task->queue;
    struct connection_pool *pool = connection_pool_for(engine, queue);
    task->transfer = pool != NULL ? take_transfer(queue) : NULL;
    if (task->transfer == NULL) {
        task->response->outcome = TRANSFER_NO_MEMORY;
        engine_deliver(engine, task);
        return false;
    }
    task->pool = pool;
    task_list_append(&pool->running, task);
    pool->running_count++;
    engine->running_count++;
    transfer_use_connections(task->transfer, &pool->sockets, pool->sessions);
    CURLcode code = transfer_begin(task->transfer, task->request, task->response);
    curl_easy_setopt(task->transfer->easy, CURLOPT_PRIVATE, task);
    if (code == CURLE_OK &&
        curl_multi_add_handle(pool->source.multi, task->transfer->easy) != CURLM_OK)
        code = CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK)
        return true;
    transfer_end(task->transfer, code);
    transfer_queue_remove_running(task);
    engine_deliver(engine, task);
    return false;
}

/* False: there is no room for it, and it stays in the queue. */
static bool start_first(struct engine *engine, struct transfer_queue *queue)
{
    double now = clock_monotonic_ms();
    connection_pool_renew(queue, now);
    struct engine_task *task = task_list_take(&queue->queued);
    if (!add_to_pool(engine, task))
        return true;
    struct connection_pool *pool = task->pool;
    engine->starting = task;
    poller_run(&pool->source);
    engine_end_finished(engine, pool);
    if (engine->starting == NULL) /* it has ended, maybe with the pool */
        return true;
    engine->starting = NULL;
    if (!task->transfer->started) {
        requeue(engine, task);
        return false;
    }
    record_start(task, now);
    return true;
}

void transfer_queue_start_queued(struct engine *engine, struct transfer_queue *queue)
{
    while (queue->queued.first != NULL && has_room(engine, queue) && start_first(engine, queue))
        engine_allow_fork(engine);
}
