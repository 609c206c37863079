/* When a queued transfer starts. It starts when it gets a connection at once: time that it spends
 * in libcurl's own queue would count as its attempt's (CURLOPT_TIMEOUT_MS(3)). libcurl does not say
 * which connection has room, so each one is started by itself; one that libcurl makes wait is taken
 * out again, and tells how many have room. */
#include "http/engine_private.h"

#include "base/clock.h"

#include <limits.h>
#include <stdlib.h>

enum {
    IDLE_HANDLES = 256, /* kept per channel: making one costs more than a call */
    /* Where transfers may share a connection, the next one is not begun until the first one tells,
     * but for so long. */
    ALONE_MS = 1000,
    /* Until the server's settings have come (RFC 9113 3.4), libcurl takes a connection to have 100
     * streams, and nghttp2 queues what the server does not take. They come with the first packets
     * after the handshake: for as long as that took, only some transfers start. */
    UNPROVEN_TRANSFERS = 8,
    SHORTEST_PROOF_MS = 5,
    LONGEST_PROOF_MS = 250,
    RETRY_MS = 50,
    ENDED_BEFORE_RETRY = 100 /* then one more than the capacity is tried */
};

/* --- easy handles --- */

static struct transfer *take_transfer(struct engine_channel *channel)
{
    struct transfer *transfer = channel->idle;
    const char *error;
    if (transfer == NULL)
        return transfer_new(&channel->options, &error);
    channel->idle = transfer->next_idle;
    channel->idle_count--;
    return transfer;
}

static void give_back(struct engine_channel *channel, struct transfer *transfer)
{
    if (channel->idle_count >= IDLE_HANDLES) {
        transfer_free(transfer);
        return;
    }
    transfer->next_idle = channel->idle;
    channel->idle = transfer;
    channel->idle_count++;
}

void engine_channel_take_back(struct engine_task *task)
{
    struct engine_pool *pool = task->pool;
    task_list_remove(&pool->running, task);
    pool->running_count--;
    pool->engine->running_count--;
    give_back(task->channel, task->transfer);
    task->transfer = NULL;
    task->pool = NULL;
}

void engine_channel_free(struct engine_channel *channel)
{
    if (channel->pool != NULL)
        engine_pool_free(channel->pool);
    while (channel->idle != NULL) {
        struct transfer *transfer = channel->idle;
        channel->idle = transfer->next_idle;
        transfer_free(transfer);
    }
    if (channel->engine != NULL)
        timer_queue_remove(&channel->engine->waiting, &channel->timer);
    trust_files_close(&channel->trust_files);
    transfer_options_free(&channel->options);
    free(channel);
}

/* --- what is known of the connections --- */

void engine_channel_note_connections(struct engine_pool *pool)
{
    struct engine_channel *channel = pool->channel;
    if (pool != channel->pool || pool->sockets.made == channel->made)
        return;
    double took = pool->sockets.last_took_ms;
    took = took < SHORTEST_PROOF_MS ? SHORTEST_PROOF_MS : took;
    channel->made = pool->sockets.made;
    channel->capacity = LONG_MAX;
    channel->proven = pool->running_count + UNPROVEN_TRANSFERS - 1;
    channel->proven_after =
        clock_monotonic_ms() + (took > LONGEST_PROOF_MS ? LONGEST_PROOF_MS : took);
}

void engine_channel_note_end(struct engine_pool *pool, const struct engine_task *task)
{
    struct engine_channel *channel = pool->channel;
    const char *version = task->response->http_version;
    if (version != NULL)
        channel->sharing = version[0] == '2' ? ENGINE_SHARING : ENGINE_SEPARATE;
    if (channel->capacity == LONG_MAX || ++channel->ended < ENDED_BEFORE_RETRY ||
        channel->ended < channel->capacity)
        return;
    channel->capacity++;
    channel->ended = 0;
}

static bool has_room(struct engine *engine, struct engine_channel *channel)
{
    const struct engine_pool *pool = channel->pool;
    if (pool == NULL)
        return true;
    if (pool->running_count >= channel->capacity)
        return false;
    if (channel->sharing == ENGINE_SEPARATE ||
        !transfer_may_share(channel->options.http_version, channel->queued.first->request.url))
        return true;
    double until = pool->sockets.connecting > 0 ? channel->alone_until : 0;
    if (pool->running_count >= channel->proven && channel->proven_after > until)
        until = channel->proven_after;
    if (until <= clock_monotonic_ms())
        return true;
    timer_queue_set(&engine->waiting, &channel->timer, until);
    return false;
}

/* --- the start --- */

/* Into the queue again, where it was. */
static void put_back(struct engine *engine, struct engine_task *task)
{
    struct engine_channel *channel = task->channel;
    struct engine_pool *pool = task->pool;
    transfer_end(task->transfer, CURLE_ABORTED_BY_CALLBACK);
    curl_multi_remove_handle(pool->source.multi, task->transfer->easy);
    engine_channel_take_back(task);
    task->place = ENGINE_QUEUED;
    task_list_prepend(&channel->queued, task);
    channel->capacity = pool->running_count;
    channel->ended = 0;
    if (pool->running_count == 0) /* nothing whose end could tell of room */
        timer_queue_set(&engine->waiting, &channel->timer, clock_monotonic_ms() + RETRY_MS);
}

/* The first answer is long in coming; what libcurl does with the second transfer tells, too. */
static void note_start(struct engine_task *task, double now)
{
    struct engine_channel *channel = task->channel;
    const struct engine_pool *pool = task->pool;
    bool connecting = task->transfer->connecting;
    if (connecting)
        channel->alone_until = now + ALONE_MS;
    if (channel->sharing != ENGINE_SHARING_UNKNOWN || pool->running_count < 2)
        return;
    if (!connecting && pool->running_count > (long)pool->sockets.count)
        channel->sharing = ENGINE_SHARING;
    else if (connecting && pool->sockets.made > 0)
        channel->sharing = ENGINE_SEPARATE;
}

/* False: it has no memory to run with, or has ended already. */
static bool add_to_pool(struct engine *engine, struct engine_task *task)
{
    struct engine_channel *channel = task->channel;
    struct engine_pool *pool = engine_pool_for(engine, channel);
    task->transfer = pool != NULL ? take_transfer(channel) : NULL;
    if (task->transfer == NULL) {
        task->response->outcome = TRANSFER_NO_MEMORY;
        engine_deliver(engine, task);
        return false;
    }
    task->pool = pool;
    task->place = ENGINE_RUNNING;
    task_list_append(&pool->running, task);
    pool->running_count++;
    engine->running_count++;
    transfer_use_connections(task->transfer, &pool->sockets, pool->sessions);
    CURLcode code = transfer_begin(task->transfer, &task->request, task->response);
    curl_easy_setopt(task->transfer->easy, CURLOPT_PRIVATE, task);
    if (code == CURLE_OK &&
        curl_multi_add_handle(pool->source.multi, task->transfer->easy) != CURLM_OK)
        code = CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK)
        return true;
    transfer_end(task->transfer, code);
    engine_channel_take_back(task);
    engine_deliver(engine, task);
    return false;
}

/* False: there is no room for it, and it stays in the queue. */
static bool start_first(struct engine *engine, struct engine_channel *channel)
{
    double now = clock_monotonic_ms();
    engine_pool_renew(channel, now);
    struct engine_task *task = task_list_take(&channel->queued);
    if (!add_to_pool(engine, task))
        return true;
    struct engine_pool *pool = task->pool;
    engine->starting = task;
    poller_run(&pool->source);
    engine_end_finished(engine, pool);
    if (engine->starting == NULL) /* it has ended, perhaps together with the pool */
        return true;
    engine->starting = NULL;
    if (!task->transfer->started) {
        put_back(engine, task);
        return false;
    }
    note_start(task, now);
    return true;
}

void engine_channel_start_queued(struct engine *engine, struct engine_channel *channel)
{
    while (channel->queued.first != NULL && has_room(engine, channel) &&
           start_first(engine, channel))
        engine_let_fork(engine);
}
