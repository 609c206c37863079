/* The engine's thread: the only place that touches curl handles of tasks. */
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* SCHED_BATCH */
#endif
#include "engine_private.h"

#include "clock.h"
#include "url.h"

#include <sched.h>
#include <string.h>

enum {
    IDLE_HANDLES = 256,        /* kept per channel: making one costs more than a call */
    DEFAULT_CONNECTIONS = 256, /* a client's bound where it sets none */
    STREAMS_PER_CONNECTION = 100,
    LONGEST_POLL_MS = 60000
};

/* The kernel lets a thread that was woken preempt the one that woke it. For a
 * batch thread it does not: starting calls in a game's frame costs the frame
 * microseconds instead of milliseconds (sched(7)). */
static void behave_as_batch(void)
{
#ifdef SCHED_BATCH
    struct sched_param parameter;
    memset(&parameter, 0, sizeof parameter);
    pthread_setschedparam(pthread_self(), SCHED_BATCH, &parameter);
#endif
}

/* --- channels --- */

/* By itself every handle has TLS sessions of its own, and a burst of new
 * connections to one server makes as many full handshakes. No locks are set:
 * only this thread uses the handles (libcurl-share(3)). Without memory for it
 * everything works, only slower. */
static void share_sessions(struct engine_channel *channel, struct transfer *transfer)
{
    if (channel->sessions == NULL) {
        channel->sessions = curl_share_init();
        if (channel->sessions == NULL)
            return;
        curl_share_setopt(channel->sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    }
    curl_easy_setopt(transfer->easy, CURLOPT_SHARE, channel->sessions);
}

static struct transfer *take_transfer(struct engine_channel *channel)
{
    struct transfer *transfer = channel->idle;
    const char *error;
    if (transfer == NULL) {
        transfer = transfer_new(&channel->options, &error);
        if (transfer != NULL)
            share_sessions(channel, transfer);
        return transfer;
    }
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

static bool has_room(const struct engine_channel *channel)
{
    long bound = channel->options.max_connections;
    if (bound <= 0)
        bound = DEFAULT_CONNECTIONS;
    if (channel->multiplexed)
        bound *= STREAMS_PER_CONNECTION;
    return channel->running < bound;
}

/* --- the end of a task --- */

/* Drops the task's hold on its channel; the engine's mutex is held. True: it
 * was the last one, and the channel is to be freed. */
static bool leave_channel(struct engine_task *task)
{
    return --task->channel->references == 0;
}

static void deliver(struct engine *engine, struct engine_task *task)
{
    struct engine_channel *channel = task->channel;
    struct engine_port *port = task->port;
    task->place = ENGINE_NOWHERE;
    pthread_mutex_lock(&engine->mutex);
    bool last = leave_channel(task);
    task->channel = NULL;
    /* An abandoned one is in the list of those, and is released from there. */
    if (!task->abandoned) {
        bool first = port->finished.first == NULL;
        task->state = ENGINE_TASK_FINISHED;
        task_list_append(&port->finished, task);
        if (first)
            notifier_signal(&port->notifier);
    }
    pthread_mutex_unlock(&engine->mutex);
    if (last)
        engine_channel_free(channel);
}

/* The task is in the list of running ones no more. */
static void end_running(struct engine *engine, struct engine_task *task, CURLcode code)
{
    struct engine_channel *channel = task->channel;
    transfer_end(task->transfer, code);
    curl_multi_remove_handle(engine->multi, task->transfer->easy);
    if (task->response->http_version != NULL && task->response->http_version[0] == '2')
        channel->multiplexed = true;
    give_back(channel, task->transfer);
    task->transfer = NULL;
    channel->running--;
    deliver(engine, task);
}

/* --- the start of a task --- */

static void fail_for_memory(struct engine *engine, struct engine_task *task)
{
    task->response->outcome = TRANSFER_NO_MEMORY;
    deliver(engine, task);
}

static void start_task(struct engine *engine, struct engine_task *task)
{
    struct engine_channel *channel = task->channel;
    task->transfer = engine_open_multi(engine) ? take_transfer(channel) : NULL;
    if (task->transfer == NULL) {
        fail_for_memory(engine, task);
        return;
    }
    CURLcode code = transfer_begin(task->transfer, &task->request, task->response);
    if (code == CURLE_OK) {
        curl_easy_setopt(task->transfer->easy, CURLOPT_PRIVATE, task);
        /* Waiting for the first connection tells whether the others can be
         * streams of it; only TLS negotiates that (RFC 9113 3.2). */
        curl_easy_setopt(task->transfer->easy, CURLOPT_PIPEWAIT,
                         url_has_scheme(task->request.url, "https") ? 1L : 0L);
        if (curl_multi_add_handle(engine->multi, task->transfer->easy) != CURLM_OK)
            code = CURLE_OUT_OF_MEMORY;
    }
    channel->running++;
    if (code != CURLE_OK) {
        end_running(engine, task, code);
        return;
    }
    task->place = ENGINE_RUNNING;
    task_list_append(&engine->running, task);
}

static void start_queued(struct engine *engine, struct engine_channel *channel)
{
    bool more = channel->queued.first != NULL;
    while (more && has_room(channel)) {
        struct engine_task *task = task_list_take(&channel->queued);
        /* Asked before: a task that cannot start leaves the channel, and the last
         * one to leave frees it. */
        more = channel->queued.first != NULL;
        start_task(engine, task);
    }
}

static void enqueue(struct engine *engine, struct engine_task *task)
{
    if (task->request.url == NULL) {
        deliver(engine, task);
        return;
    }
    task->place = ENGINE_QUEUED;
    task_list_append(&task->channel->queued, task);
    start_queued(engine, task->channel);
}

static void delay(struct engine *engine, struct engine_task *task)
{
    struct engine_task *after = engine->delayed.last;
    while (after != NULL && after->due > task->due)
        after = after->previous;
    task->place = ENGINE_DELAYED;
    if (after == engine->delayed.last) {
        task_list_append(&engine->delayed, task);
        return;
    }
    struct engine_task *before = after != NULL ? after->next : engine->delayed.first;
    task->previous = after;
    task->next = before;
    before->previous = task;
    if (after != NULL)
        after->next = task;
    else
        engine->delayed.first = task;
}

static void start_due(struct engine *engine)
{
    double now = engine->delayed.first != NULL ? clock_monotonic_ms() : 0;
    while (engine->delayed.first != NULL && engine->delayed.first->due <= now)
        enqueue(engine, task_list_take(&engine->delayed));
}

/* --- what the users' threads have asked for --- */

static void give_up(struct engine *engine, struct engine_task *task)
{
    struct engine_channel *channel = task->channel;
    struct engine_port *port = task->port;
    switch (task->place) {
    case ENGINE_NOWHERE: /* it has just ended by itself, and left its channel */
        task->release(task->owner);
        engine_port_leave(port);
        return;
    case ENGINE_DELAYED:
        task_list_remove(&engine->delayed, task);
        break;
    case ENGINE_QUEUED:
        task_list_remove(&channel->queued, task);
        break;
    case ENGINE_RUNNING:
        curl_multi_remove_handle(engine->multi, task->transfer->easy);
        transfer_end(task->transfer, CURLE_ABORTED_BY_CALLBACK);
        give_back(channel, task->transfer);
        task_list_remove(&engine->running, task);
        channel->running--;
        start_queued(engine, channel);
        break;
    }
    pthread_mutex_lock(&engine->mutex);
    bool last = leave_channel(task);
    pthread_mutex_unlock(&engine->mutex);
    task->release(task->owner);
    engine_port_leave(port);
    if (last)
        engine_channel_free(channel);
}

struct requests {
    struct task_list submitted;
    struct engine_task *abandoned;
    struct engine_channel *closed;
    bool stopping;
};

static struct requests take_requests(struct engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    struct requests requests = {engine->submitted, engine->abandoned, engine->closed,
                                engine->stopping};
    engine->submitted = (struct task_list){NULL, NULL};
    engine->abandoned = NULL;
    engine->closed = NULL;
    pthread_mutex_unlock(&engine->mutex);
    return requests;
}

static void carry_out(struct engine *engine, struct requests *requests)
{
    struct engine_task *task;
    while ((task = task_list_take(&requests->submitted)) != NULL) {
        if (task->due > 0)
            delay(engine, task);
        else
            enqueue(engine, task);
    }
    for (task = requests->abandoned; task != NULL;) {
        struct engine_task *next = task->next_abandoned;
        give_up(engine, task);
        task = next;
    }
    while (requests->closed != NULL) {
        struct engine_channel *channel = requests->closed;
        requests->closed = channel->next;
        engine_channel_free(channel);
    }
}

/* What was waiting for its end can start. */
static void end_and_go_on(struct engine *engine, struct engine_task *task, CURLcode code)
{
    struct engine_channel *channel = task->channel;
    bool waiting = channel->queued.first != NULL; /* and keeping the channel alive */
    end_running(engine, task, code);
    if (waiting)
        start_queued(engine, channel);
}

static void end_finished(struct engine *engine)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(engine->multi, &left)) != NULL) {
        char *private = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        struct engine_task *task = (struct engine_task *)(void *)private;
        task_list_remove(&engine->running, task);
        end_and_go_on(engine, task, code);
    }
}

/* libcurl has run out of memory between two transfers. It gives no way to go on
 * from there: a socket that it could not ask to be watched is never asked for
 * again, and 7.88 divides by zero when it next looks at that socket's list of
 * transfers. What runs ends, and the next transfer gets another multi handle. */
static void start_over(struct engine *engine)
{
    end_finished(engine);
    struct task_list lost = engine->running;
    engine->running = (struct task_list){NULL, NULL};
    for (struct engine_task *task = lost.first; task != NULL; task = task->next)
        curl_multi_remove_handle(engine->multi, task->transfer->easy);
    poller_detach(engine->poller);
    curl_multi_cleanup(engine->multi);
    engine->multi = NULL;
    struct engine_task *task;
    while ((task = task_list_take(&lost)) != NULL)
        end_and_go_on(engine, task, CURLE_OUT_OF_MEMORY);
}

static int poll_timeout(const struct engine *engine)
{
    if (engine->delayed.first == NULL)
        return LONGEST_POLL_MS;
    double left = engine->delayed.first->due - clock_monotonic_ms();
    if (left <= 0)
        return 0;
    return left < LONGEST_POLL_MS ? (int)left + 1 : LONGEST_POLL_MS;
}

/* The thread is about to end: whoever still waits is not served any more (the
 * process is exiting), but nothing may stay attached to the multi handle. */
static void detach_all(struct engine *engine)
{
    struct engine_task *task;
    while ((task = task_list_take(&engine->running)) != NULL) {
        curl_multi_remove_handle(engine->multi, task->transfer->easy);
        transfer_free(task->transfer);
    }
    pthread_mutex_lock(&engine->mutex);
    engine->stopped = true;
    pthread_mutex_unlock(&engine->mutex);
}

void *engine_run(void *context)
{
    struct engine *engine = context;
    behave_as_batch();
    pthread_mutex_lock(&engine->awake);
    for (;;) {
        struct requests requests = take_requests(engine);
        carry_out(engine, &requests);
        if (requests.stopping)
            break;
        start_due(engine);
        int timeout_ms = poller_begin(engine->poller) ? 0 : poll_timeout(engine);
        pthread_mutex_unlock(&engine->awake);
        poller_wait(engine->poller, timeout_ms);
        pthread_mutex_lock(&engine->awake);
        if (poller_act(engine->poller))
            end_finished(engine);
        else
            start_over(engine);
    }
    detach_all(engine);
    pthread_mutex_unlock(&engine->awake);
    return NULL;
}
