/* The connections of a transfer queue. Each pool is a curl_multi of its own, so that libcurl limits
 * the connections of one client (CURLMOPT_MAX_TOTAL_CONNECTIONS) and closes them with it. If the
 * connections of a pool must not get new transfers, it is drained: it finishes its running
 * transfers. */
#include "http/engine_private.h"

#include <limits.h>
#include <stdlib.h>

enum { DEFAULT_CONNECTIONS = 256 /* limit of a client without max_connections */ };

static void before_close(void *pool, curl_socket_t socket)
{
    poller_remove_socket(&((struct connection_pool *)pool)->source, socket);
}

static struct connection_pool *open_pool(struct engine *engine, struct transfer_queue *queue)
{
    struct connection_pool *pool = calloc(1, sizeof *pool);
    CURLM *multi = pool != NULL ? transfer_open_multi() : NULL;
    if (multi == NULL) {
        free(pool);
        return NULL;
    }
    poller_attach(engine->poller, &pool->source, multi);
    pool->engine = engine;
    pool->queue = queue;
    pool->sockets.before_close = before_close;
    pool->sockets.context = pool;
    /* NULL if memory is short: transfers then work without TLS session resumption. */
    pool->sessions = transfer_open_sessions();
    pool->next = engine->pools;
    if (pool->next != NULL)
        pool->next->previous = pool;
    engine->pools = pool;
    return pool;
}

/* The number of connections in the draining pools of the queue. */
static long count_draining(const struct transfer_queue *queue)
{
    long count = 0;
    if (queue->draining_count == 0)
        return 0;
    for (struct connection_pool *pool = queue->engine->pools; pool != NULL; pool = pool->next)
        if (pool->queue == queue && pool->draining) {
            long sockets = (long)pool->sockets.count;
            count += pool->running_count < sockets ? pool->running_count : sockets;
        }
    return count;
}

static void set_limit(struct connection_pool *pool)
{
    const struct transfer_queue *queue = pool->queue;
    long bound = queue->options.max_connections;
    long limit = (bound > 0 ? bound : DEFAULT_CONNECTIONS) - count_draining(queue);
    if (limit < 1) /* one slow transfer must not block all others */
        limit = 1;
    if (limit == pool->limit)
        return;
    pool->limit = limit;
    curl_multi_setopt(pool->source.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limit);
    /* libcurl's default is four times the number of current transfers: after every burst it would
     * close connections that the next one needs (CURLMOPT_MAXCONNECTS(3)). */
    curl_multi_setopt(pool->source.multi, CURLMOPT_MAXCONNECTS, limit);
}

struct connection_pool *connection_pool_for(struct engine *engine, struct transfer_queue *queue)
{
    if (queue->pool == NULL)
        queue->pool = open_pool(engine, queue);
    if (queue->pool != NULL)
        set_limit(queue->pool);
    return queue->pool;
}

static void reset_observations(struct transfer_queue *queue)
{
    queue->capacity = LONG_MAX;
    queue->ended = 0;
}

void connection_pool_free(struct connection_pool *pool)
{
    struct transfer_queue *queue = pool->queue;
    for (struct transfer *idle = queue->idle; idle != NULL; idle = idle->next_idle)
        if (idle->sockets == &pool->sockets)
            transfer_use_connections(idle, NULL, NULL);
    poller_detach(&pool->source);
    curl_multi_cleanup(pool->source.multi);
    curl_share_cleanup(pool->sessions);
    socket_list_free(&pool->sockets);
    if (pool->next != NULL)
        pool->next->previous = pool->previous;
    if (pool->previous != NULL)
        pool->previous->next = pool->next;
    else
        pool->engine->pools = pool->next;
    if (queue->pool == pool)
        queue->pool = NULL;
    if (pool->draining)
        queue->draining_count--;
    reset_observations(queue);
    free(pool);
}

/* Whether no transfer uses the socket: libcurl waits for the sockets in use. */
static bool is_socket_idle(const struct connection_pool *pool, const struct listed_socket *item)
{
    return !poller_is_watched(pool->engine->poller, item->socket);
}

bool connection_pool_drain(struct connection_pool *pool)
{
    if (pool->running_count == 0) {
        connection_pool_free(pool);
        return true;
    }
    for (size_t i = pool->sockets.count; i-- > 0;) {
        struct listed_socket *item = &pool->sockets.items[i];
        if (!item->retired && is_socket_idle(pool, item) && socket_list_check(&pool->sockets, i))
            socket_list_retire(item);
    }
    reset_observations(pool->queue);
    return false;
}

static void begin_draining(struct connection_pool *pool)
{
    struct transfer_queue *queue = pool->queue;
    queue->pool = NULL;
    queue->made = 0;
    queue->draining_count++;
    pool->draining = true;
    connection_pool_drain(pool);
}

void connection_pool_renew(struct transfer_queue *queue, double now)
{
    struct connection_pool *pool = queue->pool;
    bool distrusted = trust_files_changed(&queue->trust_files, now);
    if (pool == NULL)
        return;
    if (distrusted) {
        begin_draining(pool);
        return;
    }
    double lifetime = (double)queue->options.connection_lifetime_ms;
    for (size_t i = 0; i < pool->sockets.count;) {
        struct listed_socket *item = &pool->sockets.items[i];
        if (now - item->opened < lifetime)
            return;
        if (!item->retired && !socket_list_check(&pool->sockets, i))
            continue;
        i++;
        if (item->retired)
            continue;
        if (is_socket_idle(pool, item)) {
            socket_list_retire(item);
        } else if (queue->sharing != ENGINE_SEPARATE) {
            /* libcurl has no function to keep new transfers from one connection. */
            begin_draining(pool);
            return;
        }
    }
}
